"""The proxy in front of the containers: `/endpoints/<id>/…`.

First the token, in every state; then the endpoint's state; then the container's own answer,
passed through. Errors of the proxy carry the field `code`, those of containers do not.
"""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import httpx
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from standins.huggingface.access import ENDPOINTS_INFER, Access
from standins.huggingface.endpoint import HEALTH_ROUTE, Clock, Container, StandInEndpoint, State
from standins.huggingface.endpoints import Endpoints
from standins.huggingface.errors import ApiError
from standins.huggingface.start_plans import StartPlans

_S = 1_000_000_000
_POLL_S = 0.05
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# Ours, or of the connection to the caller; the token is not the container's business.
_NOT_FORWARDED = {"authorization", "connection", "content-length", "host", "transfer-encoding"}
_NOT_RETURNED = {"connection", "content-encoding", "content-length", "date", "server"}


class DataPlane:
    """Answers for endpoints, or lets their containers answer."""

    def __init__(
        self,
        *,
        endpoints: Endpoints,
        start_plans: StartPlans,
        access: Access,
        client: httpx.AsyncClient,
        now_ns: Clock,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._endpoints, self._start_plans, self._access = endpoints, start_plans, access
        self._client, self._now_ns, self._sleep = client, now_ns, sleep

    def routes(self) -> list[Route]:
        """Every route, relative to the host."""
        return [
            Route("/endpoints/{id}", self.forward, methods=_METHODS),
            Route("/endpoints/{id}/{path:path}", self.forward, methods=_METHODS),
        ]

    async def forward(self, request: Request) -> Response:
        """The answer of the endpoint to *request*. Raises: ApiError."""
        endpoint = self._endpoints.by_id(request.path_params["id"])
        self._authorize(request, endpoint)
        if endpoint is None:
            raise ApiError(404, "404 Not Found", code="NOT_FOUND")
        self._endpoints.touch(endpoint)
        endpoint.in_flight += 1
        try:
            container = await self._replica(endpoint, _scale_up_timeout_s(request))
            status = endpoint.plan.health_status
            if status is not None and _path_below(request) == HEALTH_ROUTE:
                return PlainTextResponse(HTTPStatus(status).phrase, status)
            return await self._ask(container, request)
        finally:
            endpoint.in_flight -= 1
            endpoint.used_ns = self._now_ns()

    def _authorize(self, request: Request, endpoint: StandInEndpoint | None) -> None:
        if endpoint is not None and endpoint.document.type == "public":
            return
        caller = self._access.caller(request)
        if caller is None:
            raise ApiError(401, "401 Unauthorized", code="UNAUTHORIZED")
        private = endpoint is not None and endpoint.document.type == "private"
        own = endpoint is not None and endpoint.namespace in caller.namespaces
        if (private and not own) or ENDPOINTS_INFER not in caller.permissions:
            raise ApiError(403, f"missing permissions: {ENDPOINTS_INFER}", code="FORBIDDEN")

    async def _replica(self, endpoint: StandInEndpoint, hold_s: float) -> Container:
        """The container to ask, waiting at most *hold_s* for one that is starting."""
        give_up_ns = self._now_ns() + hold_s * _S
        while (container := self._endpoints.serving(endpoint)) is None:
            if endpoint.state is State.PAUSED:
                text = "Bad Request: The endpoint is paused, ask a maintainer to restart it"
                raise ApiError(400, text, code="BAD_REQUEST")
            over = endpoint.state is State.FAILED or endpoint.deleted_ns is not None
            if over or self._now_ns() >= give_up_ns:
                raise self._nobody_answers()
            await self._sleep(_POLL_S)
        return container

    def _nobody_answers(self) -> ApiError:
        status = self._start_plans.timing.cold_status
        name = {502: "Bad Gateway", 503: "Service Unavailable"}.get(status, "Error")
        code = name.upper().replace(" ", "_")
        return ApiError(status, f"{status} {name}", code=code)

    async def _ask(self, container: Container, request: Request) -> Response:
        forwarded = self._client.build_request(
            request.method,
            f"{container.address}{_path_below(request)}",
            headers=[(k, v) for k, v in request.headers.items() if k not in _NOT_FORWARDED],
            content=await request.body(),
        )
        try:
            answer = await self._client.send(forwarded)
        except httpx.TransportError as error:
            raise ApiError(502, "502 Bad Gateway", code="BAD_GATEWAY") from error
        kept = {k: v for k, v in answer.headers.items() if k not in _NOT_RETURNED}
        return Response(answer.content, status_code=answer.status_code, headers=kept)


def _scale_up_timeout_s(request: Request) -> float:
    try:
        return max(0.0, float(request.headers.get("x-scale-up-timeout", "0")))
    except ValueError:
        return 0.0


def _path_below(request: Request) -> str:
    """Path and query as they arrived, without the prefix of the endpoint."""
    path = request.scope["raw_path"].decode("ascii")
    below = path.removeprefix(f"/endpoints/{request.path_params['id']}") or "/"
    return f"{below}?{request.url.query}" if request.url.query else below
