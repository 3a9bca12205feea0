"""The proxy in front of the containers: `/endpoints/<id>/…`.

First the token, in every state; then the endpoint's state; then the container's own answer,
passed through. Errors of the proxy carry the field `code`, those of containers do not.
"""

from http import HTTPStatus

import httpx
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from standins.huggingface.access import ENDPOINTS_INFER, Access
from standins.huggingface.endpoint import Clock, Container, StandInEndpoint, State
from standins.huggingface.endpoints import Endpoints
from standins.huggingface.errors import ApiError

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# Ours, or of the connection to the caller; containers never see the token.
_NOT_FORWARDED = {"authorization", "connection", "content-length", "host", "transfer-encoding"}
_NOT_RETURNED = {"connection", "content-encoding", "content-length", "date", "server"}


class DataPlane:
    """Answers for endpoints, or lets their containers answer."""

    def __init__(
        self, endpoints: Endpoints, access: Access, client: httpx.AsyncClient, now_ns: Clock
    ) -> None:
        self._endpoints, self._access = endpoints, access
        self._client, self._now_ns = client, now_ns

    def routes(self) -> list[Route]:
        return [
            Route("/endpoints/{id}", self.forward, methods=_METHODS),
            Route("/endpoints/{id}/{path:path}", self.forward, methods=_METHODS),
        ]

    async def forward(self, request: Request) -> Response:
        """Return the endpoint's answer to *request*. Raises: ApiError."""
        endpoint = self._endpoints.by_id(request.path_params["id"])
        self._authorize(request, endpoint)
        if endpoint is None:
            raise ApiError(404, "404 Not Found", code="NOT_FOUND")
        self._endpoints.touch(endpoint)
        container = self._replica(endpoint)
        status = endpoint.plan.health_status
        if status is not None and _path_below(request) == endpoint.health_route:
            return PlainTextResponse(HTTPStatus(status).phrase, status)
        endpoint.in_flight += 1
        try:
            return await self._send(container, request)
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

    def _replica(self, endpoint: StandInEndpoint) -> Container:
        container = self._endpoints.serving(endpoint)
        if container is not None:
            return container
        if endpoint.state is State.PAUSED:
            text = "Bad Request: The endpoint is paused, ask a maintainer to restart it"
            raise ApiError(400, text, code="BAD_REQUEST")
        raise ApiError(503, "503 Service Unavailable", code="SERVICE_UNAVAILABLE")

    async def _send(self, container: Container, request: Request) -> Response:
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


def _path_below(request: Request) -> str:
    """Return path and query as they arrived, without the prefix of the endpoint."""
    path = request.scope["raw_path"].decode("ascii")
    below = path.removeprefix(f"/endpoints/{request.path_params['id']}") or "/"
    return f"{below}?{request.url.query}" if request.url.query else below
