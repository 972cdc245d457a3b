"""What was delivered, and to whom: `DeliveryLog`, a file beside the warehouse."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from python_ml.alerts.messages import Delivery, Message


class DeliveryLog:
    """A file with one line of JSON per message that was delivered.

    It is no table of the warehouse: what was told has to outlive a warehouse that is
    built anew, a message is marked while others read or write there, and the warehouse
    itself is only read. A line counts once its end is written; what a process left that
    died while it wrote is taken away by the next.
    """

    def __init__(self, path: Path):
        """Name the file; it need not be there."""
        self.path = path

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep others from delivering the same meanwhile.

        Raises:
            ValueError: If another process does.
            OSError: If the file cannot be written.
        """
        try:
            file = open(self.path, "ab")  # noqa: SIM115, PTH123
        except OSError as error:
            raise OSError(
                f"{self.path} cannot be written ({error.strerror}): it says what was"
                " delivered. Name another file with --log."
            ) from error
        with file:
            if not _lock(file):
                raise ValueError(
                    f"Another `assay alert` is delivering: it holds {self.path}."
                )
            yield

    def deliveries(self, destination: str) -> dict[str, list[Delivery]]:
        """Read what was delivered to a destination, by alert.

        Raises:
            ValueError: If a line is not one that was written here.
        """
        found: dict[str, list[Delivery]] = {}
        if not self.path.exists():
            return found
        whole, _, _ = self.path.read_bytes().rpartition(b"\n")
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                said = json.loads(line)
                delivery = Delivery(
                    str(said["alert_id"]),
                    str(said["event"]),
                    int(said["number"]),
                    *(said.get(name) for name in ("snoozed_until", "summary", "feed")),
                )
                is_meant = said["destination"] == destination
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(
                    f"Line {number} of {self.path} is no delivery of an alert."
                ) from error
            if is_meant:
                found.setdefault(delivery.alert_id, []).append(delivery)
        return found

    def mark(self, message: Message, destination: str) -> None:
        """Write that a message was delivered, so that it outlives a crash."""
        said: dict[str, Any] = {
            "id": message.message_id,
            **asdict(message.delivery()),
            "destination": destination,
            "delivered_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        append_line(self.path, json.dumps(said, ensure_ascii=False))

    def mend(self) -> None:
        """Take away what a process left that died while it wrote; hold the lock."""
        if not self.path.exists():
            return
        whole, end, torn = self.path.read_bytes().rpartition(b"\n")
        if torn:
            os.truncate(self.path, len(whole) + len(end))


def append_line(path: Path, line: str) -> None:
    """Append a line to a file and wait until it is kept.

    Raises:
        OSError: If it cannot be written.
    """
    with path.open("a+b") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            begin = b"" if file.read(1) == b"\n" else b"\n"
        else:
            begin = b""
        file.write(begin + line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _lock(file: Any) -> bool:
    """Lock a file until it is closed or the process ends; False if another did."""
    try:
        import fcntl
    except ModuleNotFoundError:  # pragma: no cover - Windows has no such thing.
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
