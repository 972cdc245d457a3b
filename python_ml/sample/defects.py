"""What can be planted, at which rates, and how rates are read from a file."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

# What can be planted: feed, column ("row" for whole rows), defect, and its rate as a
# share of the values there are. Other things are counted where they go wrong: products
# (uncovered, wrong_category, duplicate), users (no_profile), days (gap_day), groups of
# rows that could disagree (disagreement). `late` is no share but how many update cycles
# ago the newest row is. What has a rate of 0 is planted on request only.
_DEFECTS = """
products.row                    repeat=0.01 duplicate=0
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


def _default_defects() -> dict[str, dict[str, dict[str, float]]]:
    """Read the table above: {feed: {column: {defect: rate}}}."""
    defects: dict[str, dict[str, dict[str, float]]] = {}
    for line in _DEFECTS.replace("\n ", " ").strip().splitlines():
        place, *rates = line.split()
        feed, column = place.split(".")
        pairs = (rate.split("=") for rate in rates)
        found = {defect: float(rate) for defect, rate in pairs}
        defects.setdefault(feed, {})[column] = found
    return defects


DEFAULT_DEFECTS = _default_defects()


def load_defects(path: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Read the rates to plant from a YAML or JSON file.

    Args:
        path: The file. It says all that is planted: what it does not name is not.

    Returns:
        {feed: {column: {defect: rate}}}, to be given to `simulate`.

    Raises:
        OSError: If the file cannot be read.
        ValueError: In one sentence, if it is neither YAML nor JSON, names what
            DEFAULT_DEFECTS does not, or gives a rate outside its range.
    """
    try:
        defects = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        problem = " ".join(str(error).split())
        raise ValueError(f"{path}: not readable as YAML or JSON: {problem}.") from None
    defects = {} if defects is None else defects
    rates_by_defect(defects, path)
    return defects


def rates_by_defect(
    defects: Mapping, source: object = "defects"
) -> dict[tuple[str, str, str], float]:
    """Check the rates of {feed: {column: {defect: rate}}}, and lay them out flat.

    Args:
        defects: Rates in [0, 1]; update cycles in [0, 40] for `late`.
        source: Where they come from, for the message of an error.

    Returns:
        {(feed, column, defect): rate} of all that can be planted, in the order of
        DEFAULT_DEFECTS; 0.0 for what `defects` does not name.

    Raises:
        ValueError: In one sentence, if they are not as described.
    """

    def known(
        found: object, allowed: Mapping[str, object], what: str
    ) -> Iterable[tuple[str, Any]]:
        if not isinstance(found, Mapping):
            raise ValueError(f"{source}: {what} must be given as a mapping.")
        for name in found:
            if name not in allowed:
                names = ", ".join(allowed)
                raise ValueError(f"{source}: {name!r} is not among {what} ({names}).")
        return found.items()

    rates = {
        (feed, column, defect): 0.0
        for feed, columns in DEFAULT_DEFECTS.items()
        for column, kinds in columns.items()
        for defect in kinds
    }
    for feed, columns in known(defects, DEFAULT_DEFECTS, "the feeds"):
        allowed = DEFAULT_DEFECTS[feed]
        for column, kinds in known(columns, allowed, f"the columns of {feed}"):
            what = f"the defects of {feed}.{column}"
            for defect, rate in known(kinds, allowed[column], what):
                is_number = isinstance(rate, int | float) and not isinstance(rate, bool)
                most = 40 if defect == "late" else 1
                if not (is_number and 0 <= rate <= most):
                    raise ValueError(
                        f"{source}: {feed}.{column}.{defect} is {rate!r}, but must be"
                        f" a number from 0 to {most}."
                    )
                rates[feed, column, defect] = float(rate)
    return rates


def planned_count(rate: float, size: int) -> int:
    """How many of `size` things to plant: at least one where the rate is above zero."""
    return max(1, round(rate * size)) if rate and size else 0
