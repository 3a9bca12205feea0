"""The control API under /v2, as in version 2.0.0 of the Inference Endpoints service.

Only the routes that the service and its tests use; nothing updates an endpoint in place.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from standins.huggingface import catalogue
from standins.huggingface.access import ENDPOINTS_READ, ENDPOINTS_WRITE, Access, Account
from standins.huggingface.documents import EndpointDocument, parse_document
from standins.huggingface.endpoint import StandInEndpoint
from standins.huggingface.endpoints import Endpoints
from standins.huggingface.errors import ApiError
from standins.huggingface.hub_store import HubStore
from standins.huggingface.representation import Representation

_PAGE = 20
_MAX_PAGE = 100


class ControlApi:
    """Routes for endpoints and hardware."""

    def __init__(
        self, endpoints: Endpoints, hub: HubStore, access: Access, represent: Representation
    ) -> None:
        self._endpoints, self._hub = endpoints, hub
        self._access, self._represent = access, represent

    def routes(self) -> list[Route]:
        all_of, one = "/v2/endpoint/{ns}", "/v2/endpoint/{ns}/{name}"
        return [
            Route("/v2/provider", self.public_provider, methods=["GET"]),
            Route("/v2/provider/{ns}", self.provider, methods=["GET"]),
            Route(all_of, self.create, methods=["POST"]),
            Route(all_of, self.page, methods=["GET"]),
            Route(one, self.get, methods=["GET"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(one + "/logs", self.log, methods=["GET"]),
            Route(one + "/pause", self._changing(self._endpoints.pause), methods=["POST"]),
            Route(one + "/resume", self._changing(self._endpoints.resume), methods=["POST"]),
            Route(
                one + "/scale-to-zero",
                self._changing(self._endpoints.scale_to_zero),
                methods=["POST"],
            ),
        ]

    async def public_provider(self, _request: Request) -> Response:
        """List hardware and prices for anybody."""
        return JSONResponse(catalogue.providers(None))

    async def provider(self, request: Request) -> Response:
        """List hardware and prices with the namespace's quota."""
        self._caller(request, ENDPOINTS_READ)
        used = self._endpoints.used_cpus(request.path_params["ns"])
        return JSONResponse(catalogue.providers(used))

    async def create(self, request: Request) -> Response:
        """Create an endpoint; its start takes a while."""
        caller = self._caller(request, ENDPOINTS_WRITE)
        body, content_type = await request.body(), request.headers.get("content-type", "")
        document = self._pinned(parse_document(body, content_type))
        return self._shown(self._endpoints.create(request.path_params["ns"], document, caller))

    async def page(self, request: Request) -> Response:
        """List a page of the namespace's endpoints, filtered by tags."""
        self._caller(request, ENDPOINTS_READ)
        query = request.query_params
        tags = {tag for tag in query.get("tags", "").split(",") if tag}
        endpoints = self._endpoints.all(request.path_params["ns"])
        found = [each for each in endpoints if tags <= set(each.document.tags)]
        return JSONResponse(self._page(found, query.get("cursor", ""), query.get("limit", "")))

    async def get(self, request: Request) -> Response:
        """Show an endpoint."""
        return self._shown(self._endpoint(request, ENDPOINTS_READ))

    async def log(self, request: Request) -> Response:
        """Return the end of what the endpoint's containers have written, as text.

        Each line has the present time before it: when it was written is not kept.
        """
        endpoint, query = self._endpoint(request, ENDPOINTS_READ), request.query_params
        tail, longest = query.get("tail", ""), query.get("line_max_length", "")
        lines = self._endpoints.log(endpoint).splitlines()
        if tail.isdecimal():
            lines = lines[max(0, len(lines) - int(tail)) :]
        if longest.isdecimal():
            lines = [line[: int(longest)] for line in lines]
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        return PlainTextResponse("".join(f"- {now} {line}\n" for line in lines))

    async def delete(self, request: Request) -> Response:
        """Remove an endpoint; it is shown until that is done."""
        self._endpoints.delete(self._endpoint(request, ENDPOINTS_WRITE))
        return Response(status_code=200)

    def _changing(
        self, change: Callable[[StandInEndpoint], None]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def route(request: Request) -> Response:
            endpoint = self._endpoint(request, ENDPOINTS_WRITE)
            change(endpoint)
            return self._shown(endpoint)

        return route

    def _caller(self, request: Request, permission: str) -> Account:
        caller = self._access.require(request, permission)
        if request.path_params["ns"] not in caller.namespaces:
            raise ApiError(404, "Namespace not found")
        return caller

    def _endpoint(self, request: Request, permission: str) -> StandInEndpoint:
        self._caller(request, permission)
        return self._endpoints.get(request.path_params["ns"], request.path_params["name"])

    def _pinned(self, document: EndpointDocument) -> EndpointDocument:
        """Return *document* with its revision as a SHA. Raises: ApiError 400 for unknown ones."""
        model = document.model
        repository = self._hub.find(model.repository)
        if repository is None:
            raise ApiError(400, f"Repository '{model.repository}' not found")
        try:
            sha = repository.sha(model.revision or "main")
        except ApiError as error:
            text = f"Revision '{model.revision}' not found in '{model.repository}'"
            raise ApiError(400, text) from error
        return document.model_copy(update={"model": model.at(sha)})

    def _page(self, found: list[StandInEndpoint], cursor: str, limit: str) -> dict[str, Any]:
        size = min(int(limit), _MAX_PAGE) if limit.isdecimal() and int(limit) else _PAGE
        start = _position(cursor)
        end = start + size
        body: dict[str, Any] = {
            "items": [self._represent.endpoint(each) for each in found[start:end]]
        }
        if end < len(found):
            body["nextCursor"] = base64.urlsafe_b64encode(f"at:{end}".encode()).decode()
        return body

    def _shown(self, endpoint: StandInEndpoint) -> Response:
        return JSONResponse(self._represent.endpoint(endpoint))


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor).removeprefix(b"at:"))
    except (binascii.Error, ValueError) as error:
        raise ApiError(400, "Invalid cursor") from error
