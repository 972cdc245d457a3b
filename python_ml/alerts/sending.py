"""Deliver, then mark; attempts and waits: `send`."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from python_ml.alerts.destinations import Destination
from python_ml.alerts.messages import Message


@dataclass(frozen=True)
class Persistence:
    """How long it is tried; seconds."""

    attempts: int = 5
    """Of one message, at most."""
    timeout: float = 10.0
    """Of one attempt."""
    first_wait: float = 1.0
    """After the first attempt; after each further one it is twice as long."""
    longest_wait: float = 60.0
    patience: float = 300.0
    """Of all messages together: what is not delivered then is left to the next run."""


@dataclass
class Outcome:
    """What became of the messages."""

    delivered: list[Message] = field(default_factory=list)
    left: list[tuple[Message, str]] = field(default_factory=list)
    """Those that were not delivered, with the last problem in words."""


def send(
    messages: Sequence[Message],
    destination: Destination,
    mark: Callable[[Message], None],
    persistence: Persistence | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Outcome:
    """Deliver messages one by one, and mark each once it is.

    A message that is not taken is left, with its id, and the next one is tried. A
    process that dies between the answer and the mark delivers it once more, with the
    same id: that, and no less, can be had of a webhook.

    Args:
        messages: What is due.
        destination: Where to.
        mark: Called with each message that was delivered, before the next is.
        persistence: How long it is tried.
        sleep: Waits so many seconds.

    Returns:
        What was delivered and what was not.

    Raises:
        OSError: If what was delivered cannot be marked; no further message is sent.
    """
    given = persistence or Persistence()
    outcome = Outcome()
    budget = _Budget(given.patience)
    for message in messages:
        problem = _deliver(message, destination, given, budget, sleep)
        if problem is None:
            mark(message)
            outcome.delivered.append(message)
        else:
            outcome.left.append((message, problem))
    return outcome


class _Budget:
    """Seconds that may be spent, by the clock and by what was slept."""

    def __init__(self, seconds: float):
        self.seconds = seconds

    def spend(self, seconds: float) -> None:
        self.seconds -= seconds


def _deliver(
    message: Message,
    destination: Destination,
    given: Persistence,
    budget: _Budget,
    sleep: Callable[[float], None],
) -> str | None:
    """Return None if it was delivered, or the last problem in words."""
    wait, problem = given.first_wait, "there was no time left to try"
    for attempt in range(1, given.attempts + 1):
        if budget.seconds <= 0:
            return problem
        began = time.monotonic()
        answer = destination.deliver(message, given.timeout)
        budget.spend(time.monotonic() - began)
        if answer.is_delivered:
            return None
        problem = answer.problem
        if not answer.may_pass or attempt == given.attempts:
            return problem
        # Several that were refused at once do not come back at once.
        pause = min(wait, given.longest_wait) * random.uniform(0.5, 1.0)
        if answer.retry_after is not None:
            pause = max(pause, answer.retry_after)
        if pause > budget.seconds:
            budget.seconds = 0
            return f"{problem}, and {pause:,.0f} seconds to wait are too long"
        sleep(pause)
        budget.spend(pause)
        wait *= 2
    return problem
