"""The simulated shop: seven raw feeds with planted defects, and the truth about them.

Read in order: what may be planted, the shop, its feeds, planting, writing. What is
not planted breaks no rule, and a row carries at most one planted defect, so the rules
can be tested for finding every defect and nothing else. All times are UTC.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from python_ml import sample_text as text

AS_OF = "2026-07-01T00:00:00"
_NOW = int(np.datetime64(AS_OF, "s").astype(int))
_HOUR, _DAY = 3_600, 86_400
_DAYS = 180  # the events end at AS_OF and begin this many days before
_CHUNK = 500_000  # rows in memory as text at a time

FEEDS = {
    "products": (
        "product_id,source_system,title,description,category,brand,price,currency,"
        "attributes,created_at,updated_at"
    ).split(","),
    "users": (
        "user_id,email,phone,gender,birth_year,city,registered_at,updated_at"
    ).split(","),
    "events": (
        "event_id,user_id,product_id,session_id,query_id,event_type,quantity,price,"
        "occurred_at,ingested_at,source_system"
    ).split(","),
    "queries": "query_id,query_text,locale,issued_at".split(","),
    "relevance_labels": "query_id,product_id,label,annotator,labeled_at".split(","),
    "reviews": (
        "review_id,product_id,user_id,rating,review_text,label,reviewed_at"
    ).split(","),
    "recommendations": (
        "impression_id,user_id,product_id,position,shown_at,clicked"
    ).split(","),
}
KEYS = {
    "products": ("product_id", "source_system"),
    "users": ("user_id",),
    "events": ("event_id",),
    "queries": ("query_id",),
    "relevance_labels": ("query_id", "product_id", "annotator"),
    "reviews": ("review_id",),
    "recommendations": ("impression_id",),
}
TRUTH = pa.schema(
    [
        ("feed", pa.string()),
        ("row_number", pa.int64()),
        ("record_key", pa.string()),
        ("column_name", pa.string()),
        ("defect", pa.string()),
        ("found_value", pa.string()),
        ("true_value", pa.string()),
        ("is_deterministic", pa.bool_()),
    ]
)

# What can be planted: feed, column ("row" for whole rows), defect, and its rate as a
# share of the values there are (of products, days or users where these are the thing
# that goes wrong; of groups that could disagree). `late` is no share: it says how many
# update cycles the newest row lies back. A rate of 0 can be planted but is not by
# default.
_DEFECTS = """
products.row                    repeat=0.01
products.product_id             missing=0.004 blank=0 placeholder=0
products.title                  missing=0.005 blank=0.003 placeholder=0.004
                                control_character=0.003 mojibake=0.006 markup=0.008
                                doubled_space=0.01 disagreement=0.02
products.description            missing=0.02 blank=0.004 placeholder=0.008
                                control_character=0.003 mojibake=0.005 markup=0.012
                                doubled_space=0.01
products.category               missing=0.008 blank=0.003 placeholder=0.005
                                spelling_variant=0.012 wrong_category=0.02
products.brand                  missing=0.015 blank=0.003 placeholder=0.008
                                spelling_variant=0.01 disagreement=0.015
products.price                  missing=0.006 blank=0.003 placeholder=0.004
                                bad_number=0.006 out_of_range=0.004 disagreement=0.03
products.currency               bad_currency=0.012
products.attributes             bad_json=0.008
products.created_at             bad_timestamp=0.004 out_of_order=0.006
products.updated_at             bad_timestamp=0.003 stale=0.04 late=0
users.row                       repeat=0.01
users.user_id                   missing=0.005 blank=0 placeholder=0 no_profile=0.01
users.email                     missing=0.02 blank=0.003 placeholder=0.008
                                bad_pattern=0.015
users.phone                     bad_pattern=0.03
users.gender                    bad_value=0.01
users.birth_year                bad_number=0.004 out_of_range=0.006
users.city                      missing=0.02 blank=0.003 placeholder=0.006
                                spelling_variant=0.015
users.registered_at             bad_timestamp=0.004 out_of_order=0.006
users.updated_at                bad_timestamp=0.003 stale=0.04 late=1.43
events.row                      repeat=0.012 repeat_content=0.006
events.event_id                 missing=0.003 blank=0 placeholder=0
events.user_id                  missing=0.01 blank=0.003 placeholder=0.004 orphan=0.004
events.product_id               missing=0.005 blank=0.003 placeholder=0.003 orphan=0.008
                                uncovered=0.02
events.query_id                 orphan=0.006
events.event_type               bad_value=0.004
events.quantity                 bad_number=0 out_of_range=0.012
events.price                    bad_number=0 out_of_range=0.008
events.occurred_at              missing=0.003 blank=0.003 placeholder=0.003
                                bad_timestamp=0.003 future=0.004 gap_day=0.011
events.ingested_at              bad_timestamp=0.003 out_of_order=0.006
queries.row                     repeat=0.008
queries.query_id                missing=0.004 blank=0 placeholder=0
queries.query_text              missing=0.006 blank=0.01 placeholder=0.004
                                control_character=0.003 mojibake=0.005 markup=0.003
                                doubled_space=0.02
queries.locale                  bad_pattern=0.01
queries.issued_at               bad_timestamp=0.003
relevance_labels.row            repeat=0.01
relevance_labels.query_id       missing=0.004 blank=0 placeholder=0 orphan=0.006
relevance_labels.product_id     missing=0.004 blank=0 placeholder=0 orphan=0.005
relevance_labels.label          missing=0.01 blank=0.003 placeholder=0.005
                                bad_value=0.006 disagreement=0.05 wrong_label=0.04
relevance_labels.labeled_at     bad_timestamp=0.004 late=0
reviews.row                     repeat=0.008 repeat_content=0.015
reviews.review_id               missing=0.004 blank=0 placeholder=0
reviews.product_id              missing=0.005 blank=0.003 placeholder=0.003 orphan=0.006
reviews.user_id                 orphan=0.005
reviews.rating                  bad_number=0.004 out_of_range=0.008
reviews.review_text             missing=0.02 blank=0.005 placeholder=0.01
                                control_character=0.004 mojibake=0.01 markup=0.015
                                doubled_space=0.02
reviews.label                   bad_value=0.005 wrong_label=0.05
reviews.reviewed_at             bad_timestamp=0.004 late=0
recommendations.row             repeat=0.006
recommendations.impression_id   missing=0.003 blank=0 placeholder=0
recommendations.user_id         missing=0.004 blank=0.003 placeholder=0.003 orphan=0.005
recommendations.product_id      missing=0.004 blank=0.003 placeholder=0.003 orphan=0.006
recommendations.position        bad_number=0.003 out_of_range=0.005
recommendations.shown_at        bad_timestamp=0.003 late=0
recommendations.clicked         bad_value=0.006
"""


def _default_defects() -> dict:
    """Read the table above: {feed: {column: {defect: rate}}}."""
    defects = {}
    for line in _DEFECTS.replace("\n ", " ").strip().splitlines():
        place, *rates = line.split()
        feed, column = place.split(".")
        pairs = (rate.split("=") for rate in rates)
        found = {defect: float(rate) for defect, rate in pairs}
        defects.setdefault(feed, {})[column] = found
    return defects


DEFAULT_DEFECTS = _default_defects()
CYCLE_DAYS = {
    **{"products": 7, "users": 7, "events": 1, "queries": 1},
    **{"relevance_labels": 30, "reviews": 7, "recommendations": 1},
}


def simulate(
    out: Path,
    *,
    products: int = 300,
    events: int = 2500,
    seed: int = 0,
    defects: Mapping | None = None,
    format: str = "parquet",
    prefix: str = "",
    progress: bool = False,
) -> None:
    """Simulate a shop; write `<prefix><feed>.<format>` of each feed, and of `truth`.

    `products` and `events` count those of the clean shop; the other feeds follow from
    them. `defects` gives rates by feed, column and defect and is all that is planted;
    None means DEFAULT_DEFECTS. The same arguments give the same files.
    """
    if format not in ("parquet", "csv"):
        raise ValueError(f"format is 'parquet' or 'csv', not {format!r}.")
    if products < 1 or events < 1:
        raise ValueError("A shop needs at least one product and one event.")
    rates = _checked(DEFAULT_DEFECTS if defects is None else defects, "defects")
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    truth = []
    with _bar(progress) as bar:
        for number, feed in enumerate(_feeds(products, events, seed, rates)):
            _plant(feed, rates.get(feed.name, {}), np.random.default_rng([seed, number]))
            _write(feed, out / f"{prefix}{feed.name}.{format}", bar)
            truth.append(feed.truth())
    _write_table(pa.concat_tables(truth), out / f"{prefix}truth.{format}")


def load_defects(path: Path) -> dict:
    """Read the rates to plant from a YAML or JSON file: {feed: {column: {defect: rate}}}.

    A file says all that is planted: what it does not name is not planted.
    """
    import yaml

    try:
        defects = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise ValueError(f"{path}: not readable as YAML or JSON: {problem}.") from None
    return _checked({} if defects is None else defects, path)


def _checked(defects: Mapping, source) -> dict:
    """Return the rates as plain dicts, or say in one sentence what is wrong."""

    def known(found, allowed, what):
        if not isinstance(found, Mapping):
            raise ValueError(f"{source}: {what} must be given as a mapping.")
        for name in found:
            if name not in allowed:
                names = ", ".join(allowed)
                raise ValueError(f"{source}: {name!r} is not among {what} ({names}).")
        return found.items()

    checked = {}
    for feed, columns in known(defects, DEFAULT_DEFECTS, "the feeds"):
        checked[feed] = {}
        allowed = DEFAULT_DEFECTS[feed]
        for column, kinds in known(columns, allowed, f"the columns of {feed}"):
            place = f"{feed}.{column}"
            checked[feed][column] = {}
            for kind, rate in known(
                kinds, allowed[column], f"the defects of {place}"
            ):
                is_number = isinstance(rate, int | float) and not isinstance(rate, bool)
                if kind == "late" and not (is_number and rate >= 0):
                    raise ValueError(
                        f"{source}: {place}.late is {rate!r}, but must be a number of"
                        " update cycles, 0 or more."
                    )
                if kind != "late" and not (is_number and 0 <= rate <= 1):
                    raise ValueError(
                        f"{source}: the rate of {place}.{kind} is {rate!r}, but must be"
                        " a number from 0 to 1."
                    )
                checked[feed][column][kind] = float(rate)
    return checked


def _count(rate: float, size: int) -> int:
    """How many of `size` things to plant: at least one where the rate is above zero."""
    return max(1, round(rate * size)) if rate and size else 0
