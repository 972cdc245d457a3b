"""What is to be predicted of a shop's events: purchases, where there are enough."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc

from python_ml.effect.interactions import read_versions
from python_ml.effect.split import default_cut

ANYTHING = "purchases and what else users did with products"


def with_targets(
    events: pa.Table, minimum_users: int
) -> tuple[pa.Table, datetime | None, str]:
    """Choose the cut, and what after it is to be predicted.

    Args:
        events: user_id, product_id, event_type, occurred_at, cut_at, as the model
            `int_recommender_events` has them.
        minimum_users: Purchases are predicted if at least so many users make some after
            the cut who had an event before it; else anything.

    Returns:
        The events with typed times and, where purchases are predicted, `is_target`; the
        cut, to the second, or None if there are no events; what is predicted, in words.
    """
    events = typed(events)
    versions, _ = read_versions({"repaired": events})
    if not len(versions["repaired"].user):
        return events, None, ANYTHING
    seconds = int(default_cut(versions["repaired"]) * 86_400)
    cut = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    is_purchase = pc.fill_null(pc.equal(events["event_type"], "purchase"), False)
    is_after = pc.fill_null(pc.greater_equal(events["cut_at"], pa.scalar(cut)), False)
    buyers = events.filter(pc.and_(is_purchase, is_after))["user_id"].unique()
    earlier = events.filter(pc.invert(is_after))["user_id"].unique().drop_null()
    known = pc.sum(pc.is_in(buyers, value_set=earlier)).as_py() or 0
    if known < minimum_users:
        return events, cut, ANYTHING
    return events.append_column("is_target", is_purchase), cut, "purchases"


def typed(events: pa.Table) -> pa.Table:
    """Return events with typed times: a column without any value has none."""
    for name in ("occurred_at", "cut_at"):
        place = events.column_names.index(name)
        column = events[name].cast(pa.timestamp("us"))
        events = events.set_column(place, name, column)
    return events
