"""The control API under /v2, as in version 2.0.0 of the Inference Endpoints service."""

import base64
import binascii
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from standins.huggingface import catalogue
from standins.huggingface.access import ENDPOINTS_READ, ENDPOINTS_WRITE, Access, Account
from standins.huggingface.documents import (
    EndpointDocument,
    parse_json,
    to_create,
    to_update,
)
from standins.huggingface.endpoint import Launcher, StandInEndpoint
from standins.huggingface.endpoints import Endpoints
from standins.huggingface.errors import ApiError
from standins.huggingface.hub_store import HubStore
from standins.huggingface.representation import Representation
from standins.huggingface.start_plans import StartPlans

_PAGE = 20
_MAX_PAGE = 100


class ControlApi:
    """Routes for endpoints and hardware."""

    def __init__(
        self,
        *,
        endpoints: Endpoints,
        start_plans: StartPlans,
        hub: HubStore,
        access: Access,
        launcher: Launcher,
        representation: Representation,
    ) -> None:
        self._endpoints, self._start_plans, self._hub = endpoints, start_plans, hub
        self._access, self._launcher, self._represent = access, launcher, representation

    def routes(self) -> list[Route]:
        """Every route, relative to the host."""
        all_of, one = "/v2/endpoint/{ns}", "/v2/endpoint/{ns}/{name}"
        return [
            Route("/v2/provider", self.provider, methods=["GET"]),
            Route("/v2/provider/{ns}", self.provider_of_namespace, methods=["GET"]),
            Route(all_of, self.create, methods=["POST"]),
            Route(all_of, self.page, methods=["GET"]),
            Route(one, self.get, methods=["GET"]),
            Route(one, self.update, methods=["PUT"]),
            Route(one, self.delete, methods=["DELETE"]),
            Route(one + "/pause", self.pause, methods=["POST"]),
            Route(one + "/resume", self.resume, methods=["POST"]),
            Route(one + "/scale-to-zero", self.scale_to_zero, methods=["POST"]),
            Route(one + "/replicas", self.replicas, methods=["GET"]),
            Route(one + "/logs", self.logs, methods=["GET"]),
        ]

    async def provider(self, _request: Request) -> Response:
        """Hardware and prices, for anyone; quotas are placeholders."""
        return JSONResponse(catalogue.providers(None))

    async def provider_of_namespace(self, request: Request) -> Response:
        """Hardware and prices with the namespace's quota."""
        namespace = request.path_params["ns"]
        self._caller(request, ENDPOINTS_READ)
        return JSONResponse(catalogue.providers(self._endpoints.used_cpus(namespace)))

    async def create(self, request: Request) -> Response:
        """A new endpoint, which will take a while."""
        caller = self._caller(request, ENDPOINTS_WRITE)
        payload = await self._document(request)
        document = self._pinned(to_create(payload))
        endpoint = self._endpoints.create(request.path_params["ns"], document, caller)
        return self._shown(endpoint, status=self._start_plans.timing.create_status)

    async def page(self, request: Request) -> Response:
        """A page of the namespace's endpoints, filtered by tags and part of the name."""
        self._caller(request, ENDPOINTS_READ)
        query = request.query_params
        tags = {tag for tag in query.get("tags", "").split(",") if tag}
        search = query.get("search", "")
        found = [
            one
            for one in self._endpoints.all(request.path_params["ns"])
            if tags <= set(one.document.tags) and search in one.document.name
        ]
        return JSONResponse(self._page(found, query.get("cursor", ""), query.get("limit", "")))

    async def get(self, request: Request) -> Response:
        """One endpoint."""
        return self._shown(self._endpoint(request, ENDPOINTS_READ))

    async def update(self, request: Request) -> Response:
        """Merge the body into the endpoint's document and roll it out."""
        endpoint = self._endpoint(request, ENDPOINTS_WRITE)
        payload = await self._document(request)
        document = self._pinned(to_update(endpoint.document, payload))
        self._endpoints.update(endpoint, document)
        return self._shown(endpoint)

    async def delete(self, request: Request) -> Response:
        """Remove an endpoint; it is shown until that is done."""
        self._endpoints.delete(self._endpoint(request, ENDPOINTS_WRITE))
        return Response(status_code=200)

    async def pause(self, request: Request) -> Response:
        """Stop it until it is resumed."""
        endpoint = self._endpoint(request, ENDPOINTS_WRITE)
        self._endpoints.pause(endpoint)
        return self._shown(endpoint)

    async def resume(self, request: Request) -> Response:
        """Start it again."""
        endpoint = self._endpoint(request, ENDPOINTS_WRITE)
        self._endpoints.resume(endpoint)
        return self._shown(endpoint)

    async def scale_to_zero(self, request: Request) -> Response:
        """Put it to sleep until the next request."""
        endpoint = self._endpoint(request, ENDPOINTS_WRITE)
        self._endpoints.scale_to_zero(endpoint)
        return self._shown(endpoint)

    async def replicas(self, request: Request) -> Response:
        """The replicas that answer; the stand-in runs one for all."""
        endpoint = self._endpoint(request, ENDPOINTS_READ)
        ready = self._represent.ready_replicas(endpoint)
        status = {"stage": endpoint.state, "live": True}
        items = [{"id": f"{endpoint.id}-{n}", "status": status} for n in range(ready)]
        return JSONResponse({"items": items})

    async def logs(self, request: Request) -> Response:
        """What the container has written, by `tail` its last lines only."""
        endpoint = self._endpoint(request, ENDPOINTS_READ)
        lines = self._launcher.log(endpoint.id).splitlines(keepends=True)
        tail = request.query_params.get("tail", "")
        return PlainTextResponse("".join(lines[-int(tail) :] if tail.isdecimal() else lines))

    def _caller(self, request: Request, permission: str) -> Account:
        caller = self._access.require(request, permission)
        if request.path_params["ns"] not in caller.namespaces:
            raise ApiError(404, "Namespace not found")
        return caller

    def _endpoint(self, request: Request, permission: str) -> StandInEndpoint:
        self._caller(request, permission)
        return self._endpoints.get(request.path_params["ns"], request.path_params["name"])

    async def _document(self, request: Request) -> dict[str, Any]:
        return parse_json(await request.body(), request.headers.get("content-type", ""))

    def _pinned(self, document: EndpointDocument) -> EndpointDocument:
        """*document* with its revision as a SHA. Raises: ApiError 400 for one nobody has."""
        model = document.model
        repository = self._hub.find(model.repository)
        if repository is None:
            raise ApiError(400, f"Repository '{model.repository}' not found")
        try:
            sha = repository.sha(model.revision or "main")
        except ApiError as error:
            text = f"Revision '{model.revision}' not found in '{model.repository}'"
            raise ApiError(400, text) from error
        return document.model_copy(update={"model": model.model_copy(update={"revision": sha})})

    def _page(self, found: list[StandInEndpoint], cursor: str, limit: str) -> dict[str, Any]:
        size = min(int(limit), _MAX_PAGE) if limit.isdecimal() and int(limit) else _PAGE
        start = _position(cursor)
        body: dict[str, Any] = {
            "items": [self._represent.endpoint(one) for one in found[start : start + size]]
        }
        if start + size < len(found):
            body["nextCursor"] = _cursor(start + size)
        if start > 0:
            body["prevCursor"] = _cursor(max(0, start - size))
        return body

    def _shown(self, endpoint: StandInEndpoint, *, status: int = 200) -> Response:
        return JSONResponse(self._represent.endpoint(endpoint), status_code=status)


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"at:{position}".encode()).decode()


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor).removeprefix(b"at:"))
    except (binascii.Error, ValueError) as error:
        raise ApiError(400, "Invalid cursor") from error
