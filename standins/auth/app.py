"""The service's one route, and its admin routes."""

import logging
from collections.abc import Callable, Iterable

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standins.auth.keys import KeyRule, Keys
from standins.bearer import bearer, digest

logger = logging.getLogger(__name__)


class Outage(BaseModel):
    """Failing validations; see the package's docstring."""

    model_config = ConfigDict(extra="forbid")

    times: int | None = None
    status: int = 503


class _Question(BaseModel):
    service_id: str
    client_ip: str | None = None


class AuthServiceStandIn:
    """Validates keys for one service id."""

    def __init__(self, keys: Keys, *, service_id: str) -> None:
        self._keys, self._service_id = keys, service_id
        self._outage: Outage | None = None

    def routes(self) -> list[Route]:
        return [
            Route("/api/v1/keys/validate", self.validate, methods=["POST"]),
            Route("/_standin/health", self.health, methods=["GET"]),
            Route("/_standin/keys", self.add_key, methods=["POST"]),
            Route("/_standin/outage", self.set_outage, methods=["POST"]),
        ]

    async def validate(self, request: Request) -> Response:
        """Answer whether the key in the header is good, and whose it is."""
        key, question = bearer(request), _question(await request.body())
        response = self._fail() or self._judge(key, question)
        shown = digest(key)[:12] if key else None
        logger.info("key %s: %s", shown, response.status_code)
        return response

    async def health(self, _request: Request) -> Response:
        """Report that the process is up."""
        return JSONResponse({"status": "ok"})

    async def add_key(self, request: Request) -> Response:
        """Add a `KeyRule`."""
        return await _accepted(request, KeyRule, self._keys.add)

    async def set_outage(self, request: Request) -> Response:
        """Begin an `Outage`."""
        return await _accepted(request, Outage, self._begin)

    def _begin(self, outage: Outage) -> None:
        self._outage = outage

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

    def _fail(self) -> Response | None:
        outage = self._outage
        if outage is None:
            return None
        if outage.times is not None:
            outage.times -= 1
            self._outage = outage if outage.times > 0 else None
        return JSONResponse({"detail": "Service unavailable"}, outage.status)


def create_app(keys: Iterable[str], *, service_id: str = "platform") -> Starlette:
    """Return the stand-in, which accepts *keys*."""
    service = AuthServiceStandIn(Keys(keys), service_id=service_id)
    return Starlette(routes=service.routes())


def _question(body: bytes) -> _Question | None:
    try:
        return _Question.model_validate_json(body)
    except ValidationError:
        return None


async def _accepted[Payload: BaseModel](
    request: Request, kind: type[Payload], accept: Callable[[Payload], None]
) -> Response:
    try:
        accept(kind.model_validate_json(await request.body()))
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False, include_context=False)
        return JSONResponse({"detail": details}, 422)
    return Response(status_code=204)
