"""A shop whose events lie in a file a day, and what happens to such files.

Every edit is one that a build which looks only at new files gets wrong: rows that come
late, are deleted or corrected, keys that repeat across files, cancellations, references
that arrive or vanish, the moment of measuring that moves, rules and placeholders that
change.
"""

import random
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
import yaml

DAYS, PRODUCTS, USERS, ROWS = 25, 60, 40, 60
EVENT = """
    'E' || cast(floor(random() * 4000) as int) as event_id,
    case
        when random() < .03 then null
        when random() < .05 then 'n/a'
        else 'U' || cast(floor(random() * {users}) as int)
    end as user_id,
    case
        when random() < .03 then ''
        else 'P' || cast(floor(random() * {products}) as int)
    end as product_id,
    'S' || cast(floor(random() * 200) as int) as session_id,
    case
        when random() < .1 then 'cancel'
        when random() < .05 then 'oops'
        else 'purchase'
    end as event_type,
    cast(floor(random() * 3) as double) as quantity,
    round(random() * 3 - .1, 1) as price,
    timestamp '{day}' + interval (cast(floor(random() * 96) as int) * 15) minute
        as occurred_at,
    timestamp '{day}' + interval (cast(floor(random() * 120) as int) * 15) minute
        as ingested_at,
    case when random() < .5 then 'web' else 'app' end as source_system
"""

# Beside those of the contract, one of each kind that looks beyond a row.
MORE_RULES = {
    None: [
        {"holds": {"arguments": {"condition": "quantity * price < 5"}}},
        {
            "holds": {
                "arguments": {"condition": "price > 0"},
                "config": {"where": "quantity > (select avg(quantity) from {this})"},
            }
        },
        {"row_count": {"arguments": {"min": 1600}}},
        {"not_repeated": {"arguments": {"columns": ["user_id", "occurred_at"]}}},
    ],
    "session_id": [
        {"not_repeated": {"arguments": {"normalized": True}}},
        {"share_of_value": {"arguments": {"max": 0.006}}},
    ],
    "user_id": [
        {"agrees_with": {"arguments": {"key": "session_id"}}},
        {"covers": {"arguments": {"values": ["U1", "U2", "U41", "U42"]}}},
    ],
    "price": [
        {
            "agrees_with": {
                "arguments": {
                    "key": "product_id",
                    "to": "ref('stg_products')",
                    "field": "price",
                    "tolerance": 50,
                }
            }
        }
    ],
    "quantity": [{"in_sequence": {"arguments": {"per": ["user_id", "session_id"]}}}],
    "occurred_at": [{"valid_for": {"arguments": {"age": "12 days"}}}],
}


class Shop:
    """The files of a shop in a folder.

    Attributes
    ----------
    as_of: the moment of measuring
    more_rules: whether there are rules by which nearly all rows hang together
    edits: what may happen, by name
    """

    def __init__(self, folder: Path, seed: int):
        self.folder = folder
        self.random = random.Random(seed)
        self.shop = duckdb.connect()
        self.shop.execute(f"set threads = 1; select setseed({seed % 1000 / 1000})")
        self.as_of = datetime(2026, 1, 20, 12)
        self.rules_changed = 0
        self.more_rules = True
        self.changed: set[int] = set()
        (folder / "events").mkdir(parents=True, exist_ok=True)
        self.shop.execute(f"""
            create table products as
            select
                'P' || i as product_id,
                'thing ' || i as title,
                1.5 * i as price,
                timestamp '2025-12-01' + interval (i) hour as created_at
            from range({PRODUCTS}) as numbers (i)
        """)
        self.shop.execute(f"""
            create table users as
            select 'U' || i as user_id from range({USERS}) as numbers (i)
        """)
        self.shop.execute(f"create table events as {self._rows(0, 0, 0)}")
        self.files = 0
        for day in range(DAYS):
            # A day without events is a day that is not covered.
            self._add(self._rows(self.files, ROWS, day) if day != 9 else None)
        self.edits = {
            name: getattr(self, name)
            for name in vars(type(self))
            if not name.startswith("_") and name not in ("write", "rules", "vars")
        }

    def vars(self) -> dict:
        return {
            "as_of": str(self.as_of),
            "encoder": "none",
            "feeds": {
                "products": {},
                "users": {},
                "events": {"file": "events/*.parquet", "cycle": "1 day"},
            },
        }

    def rules(self, contract: str) -> str:
        """The YAML of the staging model with more rules, of which some may change."""
        described = yaml.safe_load(contract)
        table = described["models"][0]
        columns = {column["name"]: column for column in table["columns"]}
        for column, rules in MORE_RULES.items() if self.more_rules else []:
            place = table if column is None else columns[column]
            for number, rule in enumerate(rules):
                ((kind, given),) = rule.items()
                given = {"name": f"more_{column}_{kind}_{number}", **given}
                place.setdefault("data_tests", []).append({kind: given})
        if self.rules_changed % 2:
            columns["price"]["data_tests"][0]["in_format"]["arguments"]["min"] = 1
        return yaml.safe_dump(described, sort_keys=False).replace(
            "{this}", "{{ target.schema }}_staging.stg_events"
        )

    def write(self) -> None:
        """Writes the files that have changed."""
        for file in sorted(self.changed):
            path = self.folder / "events" / f"{file:04}.parquet"
            rows = f"select * exclude file from events where file = {file}"
            if self.shop.execute(rows).fetchone():
                self.shop.execute(f"copy ({rows}) to '{path}'")
            elif path.exists():
                path.unlink()
        self.changed.clear()
        for name in ["products", "users"]:
            self.shop.execute(f"copy {name} to '{self.folder}/{name}.parquet'")

    def _rows(self, file: int, count: int, day: int) -> str:
        event = EVENT.format(
            users=USERS + 3,
            products=PRODUCTS + 3,
            day=date(2026, 1, 1) + timedelta(days=day),
        )
        return f"select {file} as file, {event} from range({count})"

    def _add(self, rows: str | None) -> None:
        """Rows of a file of their own."""
        if rows:
            self.shop.execute(f"insert into events {rows}")
            self.changed.add(self.files)
        self.files += 1

    def _some(self, count: int) -> str:
        rows = self.shop.execute("select rowid from events order by all").fetchall()
        chosen = self.random.sample(rows, count)
        return f"rowid in ({', '.join(str(row) for (row,) in chosen)})"

    def _change(self, change: str, count: int) -> None:
        some = self._some(count)
        files = self.shop.execute(f"select distinct file from events where {some}")
        self.changed.update(file for (file,) in files.fetchall())
        self.shop.execute(f"{change} where {some}")

    def _copy(self, replaced: str, count: int) -> None:
        self._add(
            f"select {self.files} as file, * exclude file replace ({replaced})"
            f" from events where {self._some(count)}"
        )

    def add_a_day(self) -> None:
        self._add(self._rows(self.files, ROWS, self.files))

    def rows_come_late(self) -> None:
        self._add(self._rows(self.files, 5, self.random.randrange(DAYS)))

    def rows_come_late_in_an_old_file(self) -> None:
        day = self.random.randrange(DAYS)
        self.shop.execute(f"insert into events {self._rows(day, 3, day)}")
        self.changed.add(day)

    def rows_are_deleted(self) -> None:
        self._change("delete from events", 4)

    def a_file_is_deleted(self) -> None:
        files = self.shop.execute("select distinct file from events order by 1")
        file = self.random.choice(files.fetchall())[0]
        self.shop.execute(f"delete from events where file = {file}")
        self.changed.add(file)

    def values_change(self) -> None:
        self._change("update events set quantity = -1, price = 0, user_id = '?'", 5)

    def keys_change(self) -> None:
        self._change(
            "update events set event_id = 'E' || cast(floor(random() * 4000) as int)", 5
        )

    def orders_are_cancelled(self) -> None:
        self._copy(
            "event_id || 'c' as event_id, 'cancel' as event_type,"
            " occurred_at + interval 1 hour as occurred_at",
            4,
        )

    def rows_repeat(self) -> None:
        self._copy("event_id as event_id", 5)

    def contents_repeat(self) -> None:
        self._copy("'X' || event_id as event_id", 5)

    def references_vanish(self) -> None:
        for table, column, count in [
            ("products", "product_id", 2),
            ("users", "user_id", 1),
        ]:
            keys = self.shop.execute(f"select {column} from {table} order by 1")
            for (key,) in self.random.sample(keys.fetchall(), count):
                self.shop.execute(f"delete from {table} where {column} = '{key}'")

    def references_arrive(self) -> None:
        self.shop.execute(f"""
            insert into products
            select 'P' || i, 'new', 2, timestamp '2026-01-05'
            from range({PRODUCTS + 3}) as numbers (i)
            where 'P' || i not in (select product_id from products)
            order by i desc
            limit 2
        """)

    def references_change(self) -> None:
        keys = self.shop.execute("select product_id from products order by 1")
        for (key,) in self.random.sample(keys.fetchall(), 3):
            self.shop.execute(
                "update products set price = price + 45,"
                " created_at = created_at + interval 40 day"
                f" where product_id = '{key}'"
            )

    def time_goes_on(self) -> None:
        self.as_of += timedelta(hours=self.random.choice([5, 24, 70]))

    def time_goes_back(self) -> None:
        self.as_of -= timedelta(hours=self.random.choice([5, 30]))

    def a_rule_changes(self) -> None:
        self.rules_changed += 1

    def nothing_happens(self) -> None:
        pass
