"""Small random shops: clean, with a few known defects, or with anything anywhere."""

import json
from datetime import datetime, timedelta
from random import Random

import pandas as pd

AS_OF = datetime(2026, 7, 1)
ANYTHING = [
    None,
    "",
    " \u00a0",
    "N/A",
    "未知",
    "abc",
    "ABC",
    "-1",
    "0",
    "1.5",
    "1e999",
    "nan",
    "<b>",
    "caf\u00c3\u00a9",
    "O'Neill | \\",
    "2026-02-30",
    "2020-01-01",
    "2027-01-01",
    "2026-06-30T12:00:00+02:00",
    "é" * 2000,
]
# What spoils a good value, and nothing but that value.
DEFECTS = {
    "products": {
        "title": [None, "N/A", "<b>wool</b>", "Other"],
        "description": ["", "two  spaces"],
        "category": ["未知"],
        "brand": [None, "Other"],
        "price": [None, "-5", "abc", "9999999"],
        "currency": ["Euro"],
        "attributes": ["{"],
        "created_at": ["2027-01-01", "soon"],
        "updated_at": [None, "soon", "2023-01-01"],
    },
    "users": {
        "email": [None, "x@"],
        "phone": ["12"],
        "gender": ["x"],
        "birth_year": ["1700", "1.5"],
        "city": [" "],
        "registered_at": ["2027-01-01", "soon"],
        "updated_at": [None, "soon", "2023-01-01"],
    },
    "events": {
        "event_id": [None],
        "user_id": [None, "ghost"],
        "product_id": [None, "ghost"],
        "event_type": ["veiw"],
        "quantity": ["0", "many"],
        "price": ["-1", "free"],
        "occurred_at": [None, "soon", "2027-01-01"],
        "ingested_at": ["2020-01-01", "soon"],
    },
}


def clean_shop(random: Random) -> dict[str, pd.DataFrame]:
    """A shop in which no rule finds anything; the first event is the oldest."""
    products = []
    for number in range(random.randint(4, 12)):
        facts = {
            "title": f"Wool socks {number}",
            "description": "Warm, and soft.",
            "category": random.choice(["Clothes > Socks", "Shoes"]),
            "brand": random.choice(["Nordic", "Südwind", "羊毛"]),
            "price": f"{random.uniform(1, 99):.2f}",
            "currency": "EUR",
            "attributes": json.dumps({"colour": random.choice(["red", "blue"])}),
        }
        for system in random.choice([["erp"], ["web"], ["erp", "web"]]):
            products.append(
                {"product_id": f"p{number}", "source_system": system, **facts}
                | {"created_at": "2025-01-01", "updated_at": moment(random)}
            )
    users = [
        {
            "user_id": f"u{number}",
            "email": f"user{number}@example.org",
            "phone": f"+4930{number:07}",
            "gender": random.choice(["female", "male", "other"]),
            "birth_year": str(random.randint(1930, 2010)),
            "city": random.choice(["Paris", "上海"]),
            "registered_at": "2025-01-01",
            "updated_at": moment(random),
        }
        for number in range(random.randint(3, 10))
    ]
    seen = [product["product_id"] for product in products]
    seen += random.choices(seen, k=random.randint(5, 25))
    events, days = [], min(len(seen), 10)
    for number, product_id in enumerate(seen):
        event_type = random.choice(["view", "click", "purchase"])
        bought = event_type == "purchase"
        # A day each to begin with, so that every day has an event.
        occurred_at = moment(random, days_ago=max(days - number, 1))
        events.append(
            {
                "event_id": f"e{number}",
                "user_id": random.choice(users)["user_id"],
                "product_id": product_id,
                "session_id": f"s{number}",
                "event_type": event_type,
                "quantity": "1" if bought else None,
                "price": "9.5" if bought else None,
                "occurred_at": occurred_at,
                "ingested_at": "2026-07-01",
                "source_system": random.choice(["app", "web"]),
            }
        )
    feeds = {"products": products, "users": users, "events": events}
    return {feed: pd.DataFrame(rows, dtype=object) for feed, rows in feeds.items()}


def moment(random: Random, days_ago=1) -> str:
    """A time within that day before AS_OF."""
    second = random.randint(1, 86399)
    return str(AS_OF - timedelta(days=days_ago) + timedelta(seconds=second))


def with_anything(feeds: dict, random: Random) -> dict[str, pd.DataFrame]:
    """Any value in any place, rows repeated and lost, up to none left."""
    spoiled = {}
    for feed, rows in feeds.items():
        rows = rows.copy()
        for _ in range(int(random.choice([0, 0.1, 0.5]) * rows.size)):
            place = random.randrange(len(rows)), random.randrange(rows.shape[1])
            found = [*ANYTHING, rows.iat[random.randrange(len(rows)), place[1]]]
            rows.iat[place] = random.choice(found)
        kept = random.choice([0, 1, len(rows) // 2, len(rows), 2 * len(rows)])
        chosen = [random.randrange(len(rows)) for _ in range(kept)]
        spoiled[feed] = rows.iloc[chosen].reset_index(drop=True)
    return spoiled


def with_defects(feeds: dict, random: Random, touched: set) -> dict[str, pd.DataFrame]:
    """One to five more defects, each in a row, or product, that has none yet.

    A second defect there could hide the first: a missing price has no bad format, and
    an event that names no product is not compared with one that was made too late. The
    first event stays, because the days to cover begin with it.
    """
    feeds = {feed: rows.copy() for feed, rows in feeds.items()}
    touched.add(("events", 0))
    for _ in range(random.randint(1, 5)):
        feed = random.choice(list(feeds))
        rows = feeds[feed]
        places = rows.product_id if feed == "products" else rows.index
        free = [row for row in rows.index if (feed, places[row]) not in touched]
        if len(free) < 2:
            continue
        row, other = random.sample(free, 2)
        touched.add((feed, places[row]))
        if feed == "products":
            of_product = feeds["events"].product_id == places[row]
            touched.update(("events", event) for event in of_product[of_product].index)
        is_referred_to = rows.iloc[row, 0] in set(feeds["events"].user_id)
        if feed != "products" and not is_referred_to and random.random() < 0.3:
            touched.add((feed, places[other]))
            # A purchase has more values to check than a view: those stay.
            repeated = rows.columns.drop(["quantity", "price"], errors="ignore")
            rows.loc[row, repeated] = rows.loc[other, repeated]
        else:
            column = random.choice(list(DEFECTS[feed]))
            rows.loc[row, column] = random.choice(DEFECTS[feed][column])
    return feeds
