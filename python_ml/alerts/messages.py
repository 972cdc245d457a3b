"""Which messages are due: `due_messages`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

OPENED, REMINDER, RESOLVED = "opened", "reminder", "resolved"


@dataclass(frozen=True)
class Alert:
    """A row of `fct_alerts`, as far as messages say what stands in it."""

    alert_id: str
    state: str
    """open, acknowledged, snoozed or resolved."""
    summary: str | None = None
    feed: str | None = None
    measure: str | None = None
    rule_name: str | None = None
    column_name: str | None = None
    direction: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    found: float | None = None
    expected_low: float | None = None
    expected_high: float | None = None
    slice_type: str | None = None
    slice_value: str | None = None
    little_history: bool | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    resolved_at: datetime | None = None
    resolution: str | None = None
    snoozed_until: datetime | None = None


@dataclass(frozen=True)
class Delivery:
    """What the log says of one message that was delivered."""

    alert_id: str
    event: str
    number: int
    snoozed_until: str | None = None
    summary: str | None = None
    feed: str | None = None


@dataclass(frozen=True)
class Message:
    """Something to tell: an incident opened, still goes on after a rest, or is over."""

    event: str
    """opened, reminder or resolved."""
    number: int
    """Which time it is, from 1 on: an incident may go on after it was resolved."""
    alert: Alert

    @property
    def message_id(self) -> str:
        """The same for the same thing told again: 32 hexadecimal digits."""
        said = [self.alert.alert_id, self.event, str(self.number)]
        if self.event == REMINDER:
            said.append(str(self.alert.snoozed_until))
        return sha256("|".join(said).encode()).hexdigest()[:32]

    def delivery(self) -> Delivery:
        """Return what the log has to say once it is delivered."""
        until = self.alert.snoozed_until
        return Delivery(
            self.alert.alert_id,
            self.event,
            self.number,
            str(until) if until else None,
            self.alert.summary,
            self.alert.feed,
        )


def due_messages(
    alerts: Iterable[Alert], delivered: Mapping[str, Sequence[Delivery]]
) -> list[Message]:
    """Compare the alerts of the last build with what was delivered before.

    An incident that opened is told once, and once that it is resolved, if it was told
    that it opened. One that goes on after it was resolved is told again, with another
    id; one that was snoozed, when it still goes on at the end. Of those that are
    acknowledged or snoozed nothing is told, nor of those that were over before anybody
    was told.

    Args:
        alerts: Rows of `fct_alerts`.
        delivered: By alert_id, what was delivered to the same place, in that order. Of
            alerts in it that are not among the rows it is told that they are resolved.

    Returns:
        The messages, those of incidents that opened first, then by feed and id.
    """
    rows = {alert.alert_id: alert for alert in alerts}
    due = []
    for alert_id in sorted({*rows, *delivered}):
        told = delivered.get(alert_id, [])
        alert = rows.get(alert_id) or Alert(
            alert_id,
            "resolved",
            told[-1].summary,
            told[-1].feed,
            resolution="no longer found",
        )
        message = _due(alert, told[-1] if told else None)
        if message:
            due.append(message)
    return sorted(
        due,
        key=lambda message: (
            message.event == RESOLVED,
            message.alert.feed or "",
            message.alert.alert_id,
        ),
    )


def _due(alert: Alert, last: Delivery | None) -> Message | None:
    is_told = last is not None and last.event != RESOLVED
    number = last.number if last else 0
    if alert.state == "resolved":
        return Message(RESOLVED, number, alert) if is_told else None
    if alert.state != "open":
        return None
    if last is None or not is_told:
        return Message(OPENED, number + 1, alert)
    until = str(alert.snoozed_until) if alert.snoozed_until else None
    if until and until > (last.snoozed_until or ""):
        return Message(REMINDER, number, alert)
    return None


def alerts_of(rows: Iterable[Mapping[str, Any]]) -> list[Alert]:
    """Read rows of `fct_alerts`; columns that no message says anything of are left."""
    names = Alert.__dataclass_fields__
    return [
        Alert(**{name: value for name, value in row.items() if name in names})
        for row in rows
    ]
