"""Which messages are due, and what they say."""

import json
from datetime import date, datetime

import pytest

from python_ml.alerts.messages import Alert, Delivery, due_messages
from python_ml.alerts.wording import plain_text, record, slack_payload

ALERT = Alert(
    "a1",
    "open",
    summary="On 2026-07-01 2.4 % of the rows of orders fail order_is_paid.",
    feed="orders",
    measure="failure_rate",
    rule_name="order_is_paid",
    first_day=date(2026, 7, 1),
    last_day=date(2026, 7, 2),
    found=0.024,
    expected_low=0.001,
    expected_high=0.011,
    slice_type="source_system",
    slice_value="erp",
    first_seen=datetime(2026, 7, 3, 6),
)


def told(states):
    """What is told of one incident, run by run: (event, number, id)."""
    delivered, found = [], []
    for state, until in states:
        alert = Alert("a1", state, snoozed_until=until)
        due = due_messages([alert], {"a1": delivered} if delivered else {})
        assert len(due) <= 1
        delivered += [message.delivery() for message in due]
        found.append([(one.event, one.number, one.message_id) for one in due])
    return [[one[:2] for one in run] for run in found], [
        one[2] for run in found for one in run
    ]


NOON, EVE = datetime(2026, 7, 4, 12), datetime(2026, 7, 9, 18)
OPEN, SNOOZED, KNOWN = ("open", None), ("snoozed", NOON), ("acknowledged", None)
OVER, RESTED = ("resolved", None), ("open", NOON)


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        # Once, however often it is looked.
        ([OPEN, OPEN, OVER, OVER], [["opened"], [], ["resolved"], []]),
        # It opened and healed between two runs.
        ([OVER, OVER], [[], []]),
        ([KNOWN, KNOWN, OVER], [[], [], []]),
        ([SNOOZED, OVER], [[], []]),
        ([OPEN, KNOWN, OVER], [["opened"], [], ["resolved"]]),
        ([OPEN, KNOWN, OPEN], [["opened"], [], []]),
        ([OPEN, SNOOZED, OVER], [["opened"], [], ["resolved"]]),
        # The rest is over and it still goes on: once again.
        ([OPEN, SNOOZED, RESTED, RESTED], [["opened"], [], ["reminder"], []]),
        ([SNOOZED, RESTED, RESTED], [[], ["opened"], []]),
        (
            [OPEN, RESTED, ("snoozed", EVE), ("open", EVE), OVER],
            [["opened"], ["reminder"], [], ["reminder"], ["resolved"]],
        ),
    ],
)
def test_an_incident_is_told_once_and_once_that_it_is_over(states, expected):
    found, ids = told(states)
    assert [[event for event, _ in run] for run in found] == expected
    assert len(set(ids)) == len(ids)


def test_an_incident_that_goes_on_is_told_again_with_other_ids():
    found, ids = told([OPEN, OVER, OPEN, OVER])
    assert found == [
        [("opened", 1)],
        [("resolved", 1)],
        [("opened", 2)],
        [("resolved", 2)],
    ]
    assert len(set(ids)) == 4


def test_an_alert_that_is_gone_is_told_as_resolved():
    before = {"a1": [Delivery("a1", "opened", 1, None, "It was so.", "orders")]}
    (message,) = due_messages([], before)
    assert message.event == "resolved"
    text = plain_text(message)
    assert "It was so." in text and "no longer found" in text


def test_the_same_thing_has_the_same_id_whatever_else_is_known_by_then():
    (one,) = due_messages([ALERT], {})
    later = Alert("a1", "open", summary="It goes on.", feed="orders", found=0.5)
    (other,) = due_messages([later], {})
    assert one.message_id == other.message_id
    (third,) = due_messages([Alert("a2", "open")], {})
    assert third.message_id != one.message_id


def test_a_message_says_what_was_found_and_what_was_expected():
    (message,) = due_messages([ALERT], {})
    assert plain_text(message) == (
        "Data quality incident: orders\n"
        "  On 2026-07-01 2.4 % of the rows of orders fail order_is_paid.\n"
        "  Rule: order_is_paid\n"
        "  Days: 2026-07-01 to 2026-07-02\n"
        "  Found: 2.40%\n"
        "  Expected: 0.10% to 1.10%\n"
        "  Most of it in: source system erp\n"
        "  First seen: 2026-07-03 06:00 UTC\n"
        f"  id: {message.message_id}"
    )
    said = json.loads(json.dumps(record(message)))
    assert said["id"] == message.message_id
    assert (said["alert_id"], said["event"]) == ("a1", "opened")
    assert (said["first_day"], said["found"]) == ("2026-07-01", 0.024)


def test_slack_is_given_what_it_takes():
    (message,) = due_messages([ALERT], {})
    payload = json.loads(json.dumps(slack_payload(message)))
    assert payload["text"].startswith("Data quality incident: orders. On 2026-07-01")
    kinds = [block["type"] for block in payload["blocks"]]
    assert kinds == ["header", "section", "section", "context"]
    assert payload["blocks"][0]["text"]["type"] == "plain_text"
    said = payload["metadata"]
    assert said["event_type"] == "data_quality_incident_opened"
    assert said["event_payload"]["id"] == message.message_id
    # Only strings, numbers and truth values are taken there.
    assert all(isinstance(v, str | int) for v in said["event_payload"].values())


HOSTILE = "<!channel> & <http://x|y>\u202e\x1b[31m\r\nroot: " + "&" * 4000


def test_what_comes_from_data_is_text_and_nothing_else():
    alert = Alert("a1", "open", summary=HOSTILE, feed=HOSTILE, slice_value=HOSTILE)
    (message,) = due_messages([alert], {})
    payload = slack_payload(message)
    texts = [payload["text"], payload["blocks"][1]["text"]["text"]]
    texts += [field["text"] for field in payload["blocks"][2]["fields"]]
    for text in texts:
        assert "<" not in text and ">" not in text
        assert len(text) <= 3000
        # Nothing is cut in the middle.
        assert (
            not text.replace("&amp;", "")
            .replace("&lt;", "")
            .replace("&gt;", "")
            .count("&")
        )
    assert len(payload["blocks"][0]["text"]["text"]) <= 150
    assert len(payload["blocks"][2]["fields"][0]["text"]) <= 2000
    lines = plain_text(message).split("\n")
    assert len(lines) == 4
    assert all(line.isprintable() for line in lines)


def test_an_alert_of_which_nothing_is_known_has_a_text():
    (message,) = due_messages([Alert("a1", "open")], {})
    assert plain_text(message).startswith("Data quality incident\n  No summary")
    assert [b["type"] for b in slack_payload(message)["blocks"]] == [
        "header",
        "section",
        "context",
    ]
