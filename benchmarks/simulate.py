"""Simulated data for the benchmarks, written straight to Parquet by DuckDB.

Every value is a function of the row's number and of a hash, so that the same size gives
the same data on every machine, whatever the number of threads.
"""

import argparse
from pathlib import Path

import duckdb

AS_OF = "2026-07-01 00:00:00"

_SHARE = """
-- A number in [0, 1) drawn for a row and a purpose. Hashed twice: hashes of two values
-- are joined by xor, and draws for two purposes would depend on each other.
create macro share(row, purpose) as
    (hash(hash(row, purpose)) >> 11) / 9007199254740992.0;
create macro pick(list, row, purpose) as
    list[1 + cast(floor(share(row, purpose) * len(list)) as int)];
"""

# 2 % of the rows are exact copies of others, 0.3 % repeat the content of another under
# an event_id of their own.
_EVENTS = """
with numbered as (
    select case
        when range < {distinct} then range
        else cast(floor(share(range, 'copied') * {distinct}) as bigint)
    end as event
    from range({rows})
),
contents as (
    select event, event - cast(share(event, 'content') < 0.003 as bigint) as content
    from numbered
),
drawn as (
    select
        *,
        share(content, 'user') as user_share,
        cast(floor(share(content // 5, 'who') * {users}) as bigint) as user_number,
        -- The newest 1 % of the products has no event.
        cast(floor(share(content, 'what') * 0.99 * {products}) as bigint)
            as product_number,
        pick(['view', 'view', 'view', 'click', 'add_to_cart', 'favorite', 'purchase'],
            content, 'type') as event_type,
        timestamp '{as_of}' - to_microseconds(cast(
            floor(share(content, 'when') * 180 * 86400e6) as bigint)) as drawn_at
    from contents
),
timed as (
    select
        *,
        case
            when share(content, 'time') < 0.001 then null
            when share(content, 'time') < 0.0015 then drawn_at + interval 200 days
            -- One day is lost.
            when drawn_at::date = date '2026-03-15' then drawn_at + interval 1 day
            else drawn_at
        end as occurred_at
    from drawn
)
select
    'e' || lpad(event::varchar, 10, '0') as event_id,
    case
        when user_share < 0.05 then null
        when user_share < 0.06 then 'unknown'
        when user_share < 0.063 then 'ghost-' || user_number
        else 'u' || user_number
    end as user_id,
    case when share(content, 'product') < 0.01 then 'gone-' || product_number
        else 'p' || product_number end as product_id,
    's' || content // 5 as session_id,
    null::varchar as query_id,
    case when share(content, 'kind') < 0.005 then 'hover' else event_type end
        as event_type,
    case when event_type = 'purchase' then
        case when share(content, 'quantity') < 0.01 then 0
            else 1 + hash(content) % 5 end end::bigint as quantity,
    case when event_type = 'purchase' then
        case when share(content, 'price') < 0.01 then -1
            else round(1 + 200 * share(content, 'amount'), 2) end end::double as price,
    occurred_at,
    case when share(event, 'order') < 0.003 then occurred_at - interval 1 hour
        else coalesce(occurred_at, drawn_at)
            + to_seconds(1 + hash(event, 'delay') % 600) end as ingested_at,
    pick(['web', 'app', 'shop'], content, 'source') as source_system
from timed
"""

# A third of the products has a second row from the web shop.
_PRODUCTS = """
with numbered as (
    select range as product, 'erp' as source_system from range({products})
    union all
    select range, 'web' from range({products}) where range % 3 = 0
),
drawn as (
    select *, product || source_system as row from numbered
)
select
    'p' || product as product_id,
    source_system,
    case
        when share(row, 'title') < 0.01 then null
        when share(row, 'title') < 0.02 then 'Product  &amp; ' || product
        else 'Product number ' || product
    end as title,
    case
        when share(row, 'category') < 0.01 then 'N/A'
        when share(row, 'category') < 0.012 then 'HOME > KITCHEN'
        else pick(['Home > Kitchen', 'Home > Garden', 'Books', 'Toys', 'Shoes'],
            product, 'category')
    end as category,
    case when share(row, 'brand') < 0.03 then '-'
        else 'Brand ' || hash(product) % 200 end as brand,
    case when share(row, 'price') < 0.01 then 0
        else round(1 + 200 * share(product, 'price'), 2)
        + cast(share(row, 'differs') < 0.02 as int) end::double as price,
    case when share(row, 'currency') < 0.005 then 'Euro' else 'EUR' end as currency,
    timestamp '{as_of}' - to_seconds(cast(
        floor(share(row, 'updated') * 400 * 86400) as bigint)) as updated_at
from drawn
"""

_USERS = """
select
    'u' || range as user_id,
    case
        when share(range, 'email') < 0.02 then null
        when share(range, 'email') < 0.03 then 'user at example.com'
        else 'user' || range || '@example.com'
    end as email,
    case when share(range, 'gender') < 0.01 then 'X'
        else pick(['female', 'male', 'other'], range, 'gender_of') end as gender,
    case when share(range, 'birth') < 0.01 then 1800
        else 1950 + hash(range) % 55 end::bigint as birth_year,
    case
        when share(range, 'city') < 0.04 then '?'
        when share(range, 'city') < 0.05 then 'PARIS'
        else pick(['Paris', 'Lyon', 'Berlin', 'Wien', 'Milano'], range, 'city_of')
    end as city,
    timestamp '{as_of}' - to_seconds(cast(
        floor(share(range, 'updated') * 400 * 86400) as bigint)) as updated_at
from range({users})
"""

# Of a number, 1 % is null, 1 % negative and 0.5 % a copy of the row before; of a grade,
# 1 % is null and 1 % is none.
_NUMBER = """
    case
        when share(range, '{column} null') < 0.01 then null
        when share(range, '{column} low') < 0.01 then -range
        when share(range, '{column} copy') < 0.01 and range % 2 = 1 then 9999999 + range
        else 10000000 + range
    end
"""
_GRADE = """
    case
        when share(range, '{column} null') < 0.01 then null
        when share(range, '{column} none') < 0.01 then '12'
        else (hash(hash(range, '{column}')) % 10)::varchar
    end
"""
NUMBERS = [f"number_{i}" for i in range(1, 11)]
GRADES = [f"grade_{i}" for i in range(1, 11)]


def write_events(folder: Path, rows: int) -> None:
    """Write the feeds events, products and users; products 1 %, users 2.5 % of rows."""
    sizes = {
        "rows": rows,
        "distinct": rows - rows // 50,
        "products": rows // 100,
        "users": rows // 40,
        "as_of": AS_OF,
    }
    feeds = {"events": _EVENTS, "products": _PRODUCTS, "users": _USERS}
    for feed, query in feeds.items():
        _write(folder / f"{feed}.parquet", query.format(**sizes))


def write_wide(folder: Path, rows: int) -> None:
    """Write one table of ten numbers, ten grades and a key."""
    columns = [f"{_NUMBER.format(column=column)} as {column}" for column in NUMBERS]
    columns += [f"{_GRADE.format(column=column)} as {column}" for column in GRADES]
    query = f"select 'r' || range as row_id, {', '.join(columns)} from range({rows})"
    _write(folder / "wide.parquet", query)


def write_behaviour(folder: Path, rows: int) -> None:
    """Write rows of which every tenth has no user and 5 % hold a repeated event_id."""
    distinct = rows - rows // 20
    query = f"""
        select
            'e' || range % {distinct} as event_id,
            case when range % 10 > 0 then 'u' || range % 1000 end as user_id
        from range({rows})
    """
    _write(folder / "behaviour.parquet", query)


def _write(path: Path, query: str) -> None:
    with duckdb.connect(config={"preserve_insertion_order": False}) as connection:
        connection.execute("set threads = 2")
        connection.execute(_SHARE)
        connection.execute(f"copy ({query}) to '{path}' (format parquet)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", choices=["events", "wide", "behaviour"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("rows", type=int)
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    write = {"events": write_events, "wide": write_wide, "behaviour": write_behaviour}
    write[chosen.data](chosen.folder, chosen.rows)
