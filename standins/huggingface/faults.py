"""Requests that go wrong on purpose, and a list of all that arrived.

A fault is ordered with `POST /_standin/faults` (see `admin_api`) and spent by the next requests
that match. The log and the list hold method, path and status, never a header, query or body.
"""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger(__name__)
ADMIN_PREFIX = "/_standin"


class ConnectionDroppedError(Exception):
    """Where there is no socket to close (in-process tests), the caller gets this."""


class InjectedFault(BaseModel):
    """What goes wrong, and for whom.

    Attributes:
        method: Which method; empty: any.
        path: Regular expression, searched in the path.
        times: How many requests are hit.
        skip: How many matching ones pass unharmed before.
        delay_s: Waited first; without anything else, the request then goes its usual way.
        status: Answered instead of doing the work, with *body* (JSON or text) and *headers*.
        drop: The connection is closed without an answer, `before` or `after` doing the work.
    """

    model_config = ConfigDict(extra="forbid")

    method: str = ""
    path: str = ""
    times: int = 1
    skip: int = 0
    delay_s: float = 0
    status: int | None = None
    body: Any = None
    headers: dict[str, str] = {}
    drop: Literal["before", "after"] | None = None

    def matches(self, method: str, path: str) -> bool:
        """Whether it is meant for such a request."""
        return self.method.upper() in ("", method) and re.search(self.path, path) is not None

    def response(self) -> Response:
        """The answer that is sent instead."""
        assert self.status is not None  # noqa: S101 - asked only then
        if isinstance(self.body, str):
            return PlainTextResponse(self.body, self.status, headers=self.headers)
        body = {"error": f"{self.status}"} if self.body is None else self.body
        return JSONResponse(body, self.status, headers=self.headers)


@dataclass(slots=True)
class Received:
    """A request that arrived; *status* stays None until it is answered, and when it never is."""

    method: str
    path: str
    at_unix_s: float
    status: int | None = None


@dataclass(slots=True)
class Faults:
    """Faults that wait for their request, and the requests so far."""

    waiting: list[InjectedFault] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)

    def take(self, method: str, path: str) -> InjectedFault | None:
        """The fault for this request, which is thereby spent once."""
        for fault in [one for one in self.waiting if one.matches(method, path)]:
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.waiting.remove(fault)
            return fault
        return None

    def requests(self, method: str, path: str) -> list[dict[str, Any]]:
        """Requests of that method (empty: any) whose path matches the expression *path*."""
        wanted = InjectedFault(method=method, path=path)
        return [asdict(one) for one in self.received if wanted.matches(one.method, one.path)]


class FaultMiddleware:
    """Outermost: records every request, lets faults happen, adds `x-request-id`."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        faults: Faults,
        drop: Callable[[Scope], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._app, self._faults, self._drop, self._sleep = app, faults, drop, sleep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(ADMIN_PREFIX):
            await self._app(scope, receive, send)
            return
        record = Received(scope["method"], scope["path"], time.time())
        self._faults.received.append(record)
        started = time.monotonic()
        try:
            await self._answer(scope, receive, _noting(send, record))
        finally:
            took_ms = (time.monotonic() - started) * 1000
            logger.info("%s %s %s %.0f ms", record.method, record.path, record.status, took_ms)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = self._faults.take(scope["method"], scope["path"]) or InjectedFault()
        if fault.delay_s:
            await self._sleep(fault.delay_s)
        if fault.drop == "after":
            await self._app(scope, receive, _to_nobody)
        if fault.drop is not None:
            self._drop(scope)
            await asyncio.sleep(0)  # the server learns of the closed connection in between
        elif fault.status is not None:
            await fault.response()(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _noting(send: Send, record: Received) -> Send:
    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            record.status = message["status"]
            headers = list(message.get("headers", []))
            if not any(name.lower() == b"x-request-id" for name, _ in headers):
                headers.append((b"x-request-id", uuid4().hex.encode()))
            message = {**message, "headers": headers}
        await send(message)

    return noting


async def _to_nobody(_message: Message) -> None:
    """Swallows the answer of work whose connection will be dropped."""
