"""The service's one route, and its admin routes."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standins.auth.keys import KeyRule, Keys, digest

logger = logging.getLogger(__name__)


class Outage(BaseModel):
    """How validations go wrong; see the package's docstring."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["status", "silence", "not_an_object"] = "status"
    times: int | None = None
    status: int = 503
    silence_s: float = 30


class _Question(BaseModel):
    service_id: str
    client_ip: str | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    key: str | None
    service_id: str | None
    client_ip: str | None
    status: int


class AuthServiceStandIn:
    """Validates keys for one service id."""

    def __init__(
        self, keys: Keys, *, service_id: str, sleep: Callable[[float], Awaitable[None]]
    ) -> None:
        self._keys, self._service_id, self._sleep = keys, service_id, sleep
        self._outage: Outage | None = None
        self._asked: list[_Asked] = []

    def routes(self) -> list[Route]:
        """The service's route and the admin routes."""
        return [
            Route("/api/v1/keys/validate", self.validate, methods=["POST"]),
            Route("/_standin/health", self.health, methods=["GET"]),
            Route("/_standin/requests", self.requests, methods=["GET"]),
            Route("/_standin/keys", self.add_key, methods=["POST"]),
            Route("/_standin/outage", self.set_outage, methods=["POST"]),
            Route("/_standin/reset", self.reset, methods=["POST"]),
        ]

    async def validate(self, request: Request) -> Response:
        """What the key in the header is good for."""
        key, question = _bearer(request), _question(await request.body())
        response = await self._fail() or self._judge(key, question)
        asked = _Asked(
            key=digest(key)[:12] if key else None,
            service_id=question.service_id if question else None,
            client_ip=question.client_ip if question else None,
            status=response.status_code,
        )
        self._asked.append(asked)
        logger.info("key %s for %s: %s", asked.key, asked.service_id, asked.status)
        return response

    async def health(self, _request: Request) -> Response:
        """The process is up."""
        return JSONResponse({"status": "ok"})

    async def requests(self, _request: Request) -> Response:
        """Validations since the last reset."""
        asked = [asdict(one) for one in self._asked]
        return JSONResponse({"count": len(asked), "requests": asked})

    async def add_key(self, request: Request) -> Response:
        """Order a `KeyRule`."""
        return await _ordered(request, KeyRule, self._keys.add)

    async def set_outage(self, request: Request) -> Response:
        """Order an `Outage`."""

        def begin(outage: Outage) -> None:
            self._outage = outage

        return await _ordered(request, Outage, begin)

    async def reset(self, _request: Request) -> Response:
        """As at the start of the process."""
        self._outage = None
        self._asked.clear()
        self._keys.reset()
        return Response(status_code=204)

    def _judge(self, key: str, question: _Question | None) -> Response:
        if not key:
            return JSONResponse({"detail": "API key required"}, 401)
        if question is None:
            missing = {"type": "missing", "loc": ["body", "service_id"], "msg": "Field required"}
            return JSONResponse({"detail": [missing]}, 422)
        if question.service_id != self._service_id:
            return JSONResponse({"detail": "Invalid or expired API key"}, 401)
        verdict = self._keys.judge(
            key, service_id=question.service_id, client_ip=question.client_ip
        )
        return JSONResponse(verdict.body, verdict.status)

    async def _fail(self) -> Response | None:
        outage = self._outage
        if outage is None:
            return None
        if outage.times is not None:
            outage.times -= 1
            self._outage = outage if outage.times > 0 else None
        if outage.kind == "silence":
            await self._sleep(outage.silence_s)
        if outage.kind == "not_an_object":
            return JSONResponse(["not", "an", "object"])
        return JSONResponse({"detail": "Service unavailable"}, outage.status)


def create_app(
    known: Iterable[str],
    *,
    service_id: str = "platform",
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Starlette:
    """The stand-in, to which the keys *known* are good."""
    service = AuthServiceStandIn(Keys(known), service_id=service_id, sleep=sleep)
    return Starlette(routes=service.routes())


def _bearer(request: Request) -> str:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _question(body: bytes) -> _Question | None:
    try:
        return _Question.model_validate_json(body)
    except ValidationError:
        return None


async def _ordered[Payload: BaseModel](
    request: Request, kind: type[Payload], do: Callable[[Payload], Any]
) -> Response:
    try:
        do(kind.model_validate_json(await request.body()))
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False, include_context=False)
        return JSONResponse({"detail": details}, 422)
    return Response(status_code=204)
