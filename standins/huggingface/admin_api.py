"""The admin API under `/_standin`, for tests, without authorization. README.md has examples."""

import json

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standins.huggingface.access import ALL_PERMISSIONS, Access
from standins.huggingface.endpoints import Endpoints
from standins.huggingface.errors import ApiError
from standins.huggingface.faults import ADMIN_PREFIX, Faults, InjectedFault
from standins.huggingface.representation import Representation
from standins.huggingface.start_plans import StartPlan, StartPlans


class _Token(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str
    name: str
    permissions: list[str] = list(ALL_PERMISSIONS)


class AdminApi:
    """Routes for tests."""

    def __init__(
        self,
        *,
        endpoints: Endpoints,
        start_plans: StartPlans,
        faults: Faults,
        access: Access,
        representation: Representation,
    ) -> None:
        self._endpoints, self._start_plans, self._faults = endpoints, start_plans, faults
        self._access, self._represent = access, representation

    def routes(self) -> list[Route]:
        """Every route, relative to the host."""
        table = [
            ("GET", "/health", self.health),
            ("GET", "/endpoints", self.endpoints),
            ("GET", "/requests", self.requests),
            ("GET", "/faults", self.faults),
            ("POST", "/faults", self.add_fault),
            ("POST", "/starts", self.add_start),
            ("POST", "/tempo", self.set_timing),
            ("POST", "/tokens", self.add_token),
            ("POST", "/reset", self.reset),
        ]
        return [Route(ADMIN_PREFIX + path, do, methods=[method]) for method, path, do in table]

    async def health(self, _request: Request) -> Response:
        """The process is up."""
        return JSONResponse({"status": "ok"})

    async def endpoints(self, _request: Request) -> Response:
        """Every endpoint with its processes, also those being deleted."""
        shown = [
            {
                "namespace": one.namespace,
                "name": one.document.name,
                "state": one.state,
                "message": one.message,
                "url": self._represent.url(one),
                "repository": one.document.model.repository,
                "revision": one.document.model.revision,
                "deleting": one.deleted_ns is not None,
                "pids": [pid for container in one.containers for pid in container.pids],
            }
            for one in self._endpoints.all()
        ]
        return JSONResponse({"endpoints": shown})

    async def requests(self, request: Request) -> Response:
        """Requests since the last reset, by `method` and `path` (regular expression)."""
        query = request.query_params
        found = self._faults.requests(query.get("method", ""), query.get("path", ""))
        return JSONResponse({"count": len(found), "requests": found})

    async def faults(self, _request: Request) -> Response:
        """Faults that have not been spent."""
        return JSONResponse({"faults": [one.model_dump() for one in self._faults.waiting]})

    async def add_fault(self, request: Request) -> Response:
        """Order a `Fault`."""
        self._faults.waiting.append(await _body(request, InjectedFault))
        return Response(status_code=204)

    async def add_start(self, request: Request) -> Response:
        """Order a `StartPlan` for endpoints that are created from now on."""
        self._start_plans.waiting.append(await _body(request, StartPlan))
        return Response(status_code=204)

    async def set_timing(self, request: Request) -> Response:
        """Change fields of `Timing`; the answer is the whole."""
        try:
            self._start_plans.set_timing(await request.json())
        except ValidationError as error:
            raise ApiError(422, str(error)) from error
        return JSONResponse(self._start_plans.timing.model_dump())

    async def add_token(self, request: Request) -> Response:
        """Accept a further token, of whatever account and permissions."""
        payload = await _body(request, _Token)
        self._access.add(payload.token, payload.name, permissions=payload.permissions)
        return Response(status_code=204)

    async def reset(self, request: Request) -> Response:
        """Forget faults, plans, requests, timing; `{"endpoints": true}` deletes endpoints."""
        self._faults.waiting.clear()
        self._faults.received.clear()
        self._start_plans.reset()
        if json.loads(await request.body() or b"{}").get("endpoints"):
            for endpoint in self._endpoints.all():
                if endpoint.deleted_ns is None:
                    self._endpoints.delete(endpoint)
        return Response(status_code=204)


async def _body[Payload: BaseModel](request: Request, kind: type[Payload]) -> Payload:
    try:
        return kind.model_validate_json(await request.body())
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False)
        raise ApiError(422, f"{details}") from error
