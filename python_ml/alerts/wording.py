"""What a message says: `plain_text`, `record` (JSON) and `slack_payload`."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Any

from python_ml.alerts.messages import OPENED, REMINDER, RESOLVED, Message

_HEADS = {
    OPENED: "Data quality incident",
    REMINDER: "Data quality incident goes on",
    RESOLVED: "Data quality incident resolved",
}
# What Slack takes: docs.slack.dev/reference/block-kit/blocks.
_LONGEST_HEADER, _LONGEST_SECTION, _LONGEST_FIELD = 150, 3000, 2000
_SHARES = ("failure_rate", "share", "quality_index")


def plain_text(message: Message) -> str:
    """Return a few lines of text, without any character that controls a terminal."""
    lines = [headline(message), f"  {_summary(message)}"]
    lines += [f"  {name}: {value}" for name, value in details(message)]
    return "\n".join([*lines, f"  id: {message.message_id}"])


def headline(message: Message) -> str:
    """Return what happened, and to which feed."""
    feed = clean(message.alert.feed or "")
    return _HEADS[message.event] + (f": {feed}" if feed else "")


def details(message: Message) -> list[tuple[str, str]]:
    """Return what else is known, as names and values in words."""
    alert = message.alert
    found = []
    rule = alert.rule_name or alert.column_name
    if rule:
        found.append(("Rule" if alert.rule_name else "Column", rule))
    if alert.first_day:
        is_one = alert.last_day in (None, alert.first_day)
        days = f"{alert.first_day}" + ("" if is_one else f" to {alert.last_day}")
        found.append(("Days" if not is_one else "Day", days))
    if alert.found is not None:
        found.append(("Found", _number(alert.found, alert.measure)))
    if alert.expected_low is not None and alert.expected_high is not None:
        ends = (alert.expected_low, alert.expected_high)
        low, high = (_number(end, alert.measure) for end in ends)
        found.append(("Expected", f"{low} to {high}"))
    if alert.slice_value is not None:
        kind = (alert.slice_type or "slice").replace("_", " ")
        found.append(("Most of it in", f"{kind} {alert.slice_value}"))
    if alert.little_history:
        found.append(("Note", "little history: fewer than 28 days"))
    if message.event == RESOLVED:
        how = {
            "no longer found": "no longer found: the data of its days have changed, or"
            " it is not watched any more"
        }.get(alert.resolution or "", "later days are as expected")
        found.append(("Resolved", how))
    if alert.first_seen:
        found.append(("First seen", f"{alert.first_seen:%Y-%m-%d %H:%M} UTC"))
    return [(name, clean(value)) for name, value in found]


def record(message: Message) -> dict[str, Any]:
    """Return the message as an object of JSON, with all that is known of the alert."""
    alert = {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in vars(message.alert).items()
        if value is not None
    }
    said = {"id": message.message_id, "event": message.event, "number": message.number}
    return {**said, "text": f"{headline(message)}. {_summary(message)}", **alert}


def slack_payload(message: Message) -> dict[str, Any]:
    """Return what an incoming webhook of Slack takes, and others that take the same.

    The id stands in `metadata`, a field of Slack's own for what other programs read,
    with the alert's id and the event.
    """
    fields = [
        {
            "type": "mrkdwn",
            "text": _cut(f"*{_escaped(name)}*\n{_escaped(value)}", _LONGEST_FIELD),
        }
        for name, value in details(message)
    ]
    blocks: list[dict[str, Any]] = [
        {
            "type": "header",
            "text": {
                "type": "plain_text",
                "text": _cut(headline(message), _LONGEST_HEADER),
                "emoji": False,
            },
        },
        {
            "type": "section",
            "text": {
                "type": "mrkdwn",
                "text": _cut(_escaped(_summary(message)), _LONGEST_SECTION),
            },
        },
    ]
    if fields:
        blocks.append({"type": "section", "fields": fields[:10]})
    blocks.append(
        {
            "type": "context",
            "elements": [{"type": "plain_text", "text": f"id {message.message_id}"}],
        }
    )
    return {
        "text": _cut(
            _escaped(f"{headline(message)}. {_summary(message)}"), _LONGEST_SECTION
        ),
        "blocks": blocks,
        "metadata": {
            "event_type": f"data_quality_incident_{message.event}",
            "event_payload": {
                "id": message.message_id,
                "alert_id": message.alert.alert_id,
                "event": message.event,
                "number": message.number,
                "feed": clean(message.alert.feed or ""),
            },
        },
    }


def clean(text: str) -> str:
    """Return a text on one line, without what controls terminals or turns it round."""
    kept = "".join(
        " " if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp") else sign
        for sign in text
    )
    return re.sub(r"\s+", " ", kept).strip()


def _summary(message: Message) -> str:
    return clean(message.alert.summary or "No summary was written.")


def _number(value: float, measure: str | None) -> str:
    if measure in _SHARES:
        return f"{value:.2%}" if measure != "quality_index" else f"{value:.3f}"
    if measure == "freshness":
        return f"{value:,.1f} hours"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.4g}"


def _escaped(text: str) -> str:
    """Return a text in which Slack sees no link, mention or command."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str, length: int) -> str:
    """Cut a text; never within one of the signs that stand for `<`, `>` and `&`."""
    if len(text) <= length:
        return text
    return re.sub(r"&\w{0,3}$", "", text[: length - 1]) + "…"
