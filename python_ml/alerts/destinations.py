"""Where messages go: `destination` reads it, as `--to` names it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Protocol, TextIO
from urllib.parse import urlsplit

from python_ml.alerts.log import append_line
from python_ml.alerts.messages import Message
from python_ml.alerts.webhook import Answer, post
from python_ml.alerts.wording import plain_text, record, slack_payload


class Destination(Protocol):
    """Takes one message at a time."""

    @property
    def key(self) -> str:
        """By what the log knows it; it holds no secret."""

    @property
    def shown(self) -> str:
        """What may be printed of it."""

    def deliver(self, message: Message, timeout: float) -> Answer:
        """Deliver a message, or say what is in the way."""


@dataclass(frozen=True)
class Terminal:
    """Standard output, as plain text: what cron sends by mail."""

    stream: TextIO = field(default_factory=lambda: sys.stdout)
    key = shown = "-"

    def deliver(self, message: Message, timeout: float) -> Answer:
        """Print the message."""
        print(plain_text(message), file=self.stream, flush=True)
        return Answer(True)


@dataclass(frozen=True)
class File:
    """A file, to which a line of JSON is appended."""

    path: Path

    @property
    def key(self) -> str:
        """Its path, whatever folder it was named from."""
        return f"file {self.path.resolve()}"

    @property
    def shown(self) -> str:
        """Its path."""
        return str(self.path)

    def deliver(self, message: Message, timeout: float) -> Answer:
        """Append the message and wait until it is kept."""
        try:
            append_line(self.path, json.dumps(record(message), ensure_ascii=False))
        except OSError as error:
            said = f"{self.path} cannot be written: {error.strerror}"
            return Answer(False, said, may_pass=False)
        return Answer(True)


@dataclass(frozen=True)
class Webhook:
    """A URL that takes what Slack takes."""

    url: str = field(repr=False)
    key: str
    shown: str
    token: str | None = field(default=None, repr=False)

    def deliver(self, message: Message, timeout: float) -> Answer:
        """Post the message; its id stands in a header, too."""
        headers = {"Idempotency-Key": message.message_id}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return post(self.url, slack_payload(message), headers, timeout)


def destination(
    given: str, environment: Mapping[str, str], token_in: str | None = None
) -> Destination:
    """Read where messages go.

    Args:
        given: `-`, a URL of http or https, the path of a file, or `env:NAME`, the name
            of a variable that holds the URL. The log knows a URL that is given so by
            the name: it may change without anything being told again.
        environment: The variables.
        token_in: The name of a variable with a token, which is sent as `Authorization:
            Bearer` with each request to a URL.

    Returns:
        A destination, which shows nothing of a URL but its host.

    Raises:
        ValueError: If there is no such variable, or no such destination.
    """
    if given == "-":
        return Terminal()
    token = _variable(token_in, environment) if token_in else None
    name = given.removeprefix("env:") if given.startswith("env:") else None
    url = _variable(name, environment) if name is not None else given
    if name is None and "://" not in url:
        return File(Path(url))
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or not _is_plain(url):
        where = f"The variable {name}" if name is not None else "--to"
        raise ValueError(f"{where} holds no URL of http or https.")
    if name is None and "@" in parts.netloc:
        raise ValueError(
            "A password on the command line is seen by others: put the URL into a"
            " variable and name it, --to env:NAME."
        )
    key = f"env:{name}" if name else f"url {sha256(url.encode()).hexdigest()[:16]}"
    # What follows the host is the secret of most webhooks.
    shown = f"{parts.scheme}://{host}/…"
    return Webhook(url, key, f"{shown} (from {name})" if name else shown, token)


def _variable(name: str, environment: Mapping[str, str]) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise ValueError(f"The variable {name or '(no name)'} is not set.")
    return value


def _is_plain(url: str) -> bool:
    return url.isascii() and url.isprintable() and " " not in url
