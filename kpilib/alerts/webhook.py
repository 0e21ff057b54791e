"""Alerts posted to an address as JSON: tried again when the other side is busy, and never sent on elsewhere."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

from kpilib.errors import BadInput

#: Seconds that the other side may take to answer.
PATIENCE = 10.0
#: Seconds to wait before each further try.
PAUSES = (1.0, 3.0, 9.0)
#: Answers after which another try may do better.
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})


class _Stay(urllib.request.HTTPRedirectHandler):
    """What is posted stays where it was sent: an answer that points elsewhere is a refusal."""

    def redirect_request(self, *_: Any) -> None:
        return None


def post(
    url: str, said: dict[str, Any], pauses: tuple[float, ...] = PAUSES, sleep: Callable[[float], Any] = time.sleep
) -> int:
    """Post a message; how many tries it took.

    Parameters
    ----------
    url : str
        http or https, nothing else.
    said : dict
        What JSON can hold.
    pauses : tuple of float
        Seconds before each further try: so many are made after the first.
    sleep : callable
        Waits; another one in tests.

    Raises
    ------
    BadInput
        An address that is none, a refusal (no further try), or no answer after the last try. The address is named by
        its host alone: the rest may be a secret.
    """
    host, request = _request(url, said)
    opener = urllib.request.build_opener(_Stay)
    for tried, pause in enumerate((*pauses, None), 1):
        try:
            with opener.open(request, timeout=PATIENCE) as answer:
                answer.read(1024)
                return tried
        except urllib.error.HTTPError as error:
            why, again = f"it answered {error.code} {error.reason}", error.code in BUSY
            error.close()
        except (OSError, urllib.error.URLError) as error:
            why, again = str(getattr(error, "reason", error)), True
        if not again or pause is None:
            raise BadInput(f"The webhook at {host} did not take the alerts ({why}; tries: {tried}).")
        sleep(pause)
    raise AssertionError


def _request(url: str, said: dict[str, Any]) -> tuple[str, urllib.request.Request]:
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or not url.isprintable() or " " in url:
        raise BadInput("The webhook's address must be one of http or https, like https://example.com/hook.")
    body = json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "kpilib"}
    return host, urllib.request.Request(url, body, headers, method="POST")
