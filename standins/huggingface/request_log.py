"""The list of all requests that arrived, and the header `x-request-id` on every response.

The log and the list hold method, path and status, never a header, query or body.
"""

import logging
import re
import time
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)
ADMIN_PREFIX = "/_standin"


@dataclass(slots=True)
class Received:
    """A request that arrived; *status* is None until it is answered."""

    method: str
    path: str
    at_unix_s: float
    status: int | None = None


class RequestLog:
    """The requests since the start of the process, without those of the admin API."""

    def __init__(self) -> None:
        self._received: list[Received] = []

    def add(self, received: Received) -> None:
        self._received.append(received)

    def find(self, method: str, path: str) -> list[dict[str, Any]]:
        """Return requests of *method* (empty: any) whose path matches the expression *path*."""
        return [
            asdict(each)
            for each in self._received
            if method in ("", each.method) and re.search(path, each.path)
        ]


class RequestLogMiddleware:
    """Records every request and gives its response an `x-request-id`."""

    def __init__(self, app: ASGIApp, *, request_log: RequestLog) -> None:
        self._app, self._request_log = app, request_log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(ADMIN_PREFIX):
            await self._app(scope, receive, send)
            return
        record = Received(scope["method"], scope["path"], time.time())
        self._request_log.add(record)
        started = time.monotonic()

        async def send_recorded(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
                MutableHeaders(scope=message).setdefault("x-request-id", uuid4().hex)
            await send(message)

        try:
            await self._app(scope, receive, send_recorded)
        finally:
            took_ms = (time.monotonic() - started) * 1000
            logger.info("%s %s %s %.0f ms", record.method, record.path, record.status, took_ms)
