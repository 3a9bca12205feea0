"""HTTP POST to one address over a kept-alive connection, by the standard library.

An HTTP library would be most of the authorizer's cold start.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from threading import Lock
from urllib.parse import urlsplit

from functions.common.trust import system_trust

FAILURES = (OSError, HTTPException)
"""Raised for a lost connection, for silence, and for a response that is none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response; *content* is cut off after the longest that is read."""

    status: int
    content: bytes


class Post:
    """Posts to *url*; follows no redirect. Each step of an exchange takes *timeout_s* at most."""

    def __init__(self, url: str, *, timeout_s: float, max_bytes: int) -> None:
        parts = urlsplit(url)
        self._path = parts.path or "/"
        self._max_bytes = max_bytes
        self._lock = Lock()
        if parts.scheme == "https":
            self._connection: HTTPConnection = HTTPSConnection(
                parts.hostname or "", parts.port, timeout=timeout_s, context=system_trust()
            )
        else:
            self._connection = HTTPConnection(parts.hostname or "", parts.port, timeout=timeout_s)

    def __call__(self, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Return the answer. Raises: those of `FAILURES`."""
        with self._lock:
            is_kept = self._connection.sock is not None
            try:
                return self._exchange(content, headers)
            except ConnectionError:
                # The peer ends a connection when it likes. One that was made now did not serve.
                if not is_kept:
                    raise
                return self._exchange(content, headers)

    def close(self) -> None:
        """Close the connection; the next call makes another."""
        self._connection.close()

    def _exchange(self, content: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            return self._answer(content, headers)
        except BaseException:
            self._connection.close()
            raise

    def _answer(self, content: bytes, headers: Mapping[str, str]) -> Answer:
        self._connection.request("POST", self._path, content, dict(headers))
        response = self._connection.getresponse()
        received = response.read(self._max_bytes)
        if response.length and len(received) < self._max_bytes:
            raise IncompleteRead(b"")
        if not response.isclosed():
            # It is longer: what is left would be read as the beginning of the next one.
            self._connection.close()
        return Answer(response.status, received)
