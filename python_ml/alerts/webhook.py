"""One request to a webhook, and what its answer means: `post`."""

from __future__ import annotations

import http.client
import json
import threading
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import unquote, urlsplit

# What may be otherwise when it is asked again; RFC 9110, 6585 and 8470.
_PASSING = {408, 425, 429, 500, 502, 503, 504}
_LONGEST_ANSWER = 1 << 20


@dataclass(frozen=True)
class Answer:
    """What became of one attempt."""

    is_delivered: bool
    problem: str = ""
    """In words, and without the URL; empty where it was delivered."""
    may_pass: bool = True
    """Whether the same request may be taken later."""
    retry_after: float | None = None
    """Seconds that the server asks to wait, if it does."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST becomes a GET, whose 200 says nothing of the message."""

    def redirect_request(self, *_: Any) -> None:
        return None


def post(
    url: str, payload: Mapping[str, Any], headers: Mapping[str, str], timeout: float
) -> Answer:
    """Post an object of JSON.

    Args:
        url: Of http or https; a user and password before the host go into a header.
        payload: The object.
        headers: Further headers.
        timeout: Seconds until an attempt, all in all, counts as failed.

    Returns:
        What became of it: delivered is what was answered with 2xx, to the end of the
        answer. Whether a request that failed otherwise was received is not known.
    """
    answers: list[Answer] = []

    def attempt() -> None:
        try:
            answers.append(_post(url, payload, headers, timeout))
        except Exception as error:  # Its words may hold the URL.
            answers.append(Answer(False, f"it failed: {type(error).__name__}"))

    # A server that answers a byte at a time passes every time-out of a socket.
    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(timeout)
    if not answers:
        return Answer(False, f"no answer within {timeout:g} seconds")
    return answers[0]


def _post(
    url: str, payload: Mapping[str, Any], headers: Mapping[str, str], timeout: float
) -> Answer:
    url, authorization = _without_user(url)
    request = urllib.request.Request(
        url,
        json.dumps(payload, ensure_ascii=False).encode(),
        {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "assay",
            **authorization,
            **headers,
        },
        method="POST",
    )
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        with opener.open(request, timeout=timeout) as response:
            said = response.read(_LONGEST_ANSWER)
            if response.length and len(said) < _LONGEST_ANSWER:
                raise http.client.IncompleteRead(said)
        return Answer(True)
    except urllib.error.HTTPError as error:
        with error:
            return _refusal(error)
    except urllib.error.URLError as error:
        reason = error.reason
        said = getattr(reason, "strerror", None) or type(reason).__name__
        return Answer(False, f"no connection: {said}")
    except TimeoutError:
        return Answer(False, f"no answer within {timeout:g} seconds")
    except (OSError, http.client.HTTPException) as error:
        # It may name the URL: its kind alone is said.
        return Answer(False, f"the connection broke: {type(error).__name__}")
    except ValueError:
        return Answer(False, "the URL is none", may_pass=False)


def _refusal(error: urllib.error.HTTPError) -> Answer:
    said = f"HTTP {error.code}"
    if 300 <= error.code < 400:
        return Answer(False, f"{said}: it redirects elsewhere", may_pass=False)
    return Answer(
        False,
        said,
        may_pass=error.code in _PASSING or error.code > 504,
        retry_after=seconds_to_wait(error.headers.get("Retry-After")),
    )


def seconds_to_wait(retry_after: str | None) -> float | None:
    """Read a header Retry-After (RFC 9110): seconds or a time; None if it is none."""
    if retry_after is None:
        return None
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _without_user(url: str) -> tuple[str, dict[str, str]]:
    """Take user and password out of a URL, into the header that they are sent in."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, {}
    pair = b64encode(unquote(user).encode()).decode()
    return parts._replace(netloc=host).geturl(), {"Authorization": f"Basic {pair}"}
