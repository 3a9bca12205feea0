"""The admin API under `/_standin`, for tests, without authorization. README.md has examples."""

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standins.huggingface.access import ALL_PERMISSIONS, Access
from standins.huggingface.endpoint import StandInEndpoint
from standins.huggingface.endpoints import Endpoints
from standins.huggingface.errors import ApiError
from standins.huggingface.request_log import ADMIN_PREFIX, RequestLog
from standins.huggingface.start_plans import StartPlan, StartPlans


class _Token(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str
    name: str
    permissions: list[str] = list(ALL_PERMISSIONS)


_S = 1_000_000_000


class AdminApi:
    """Routes for tests."""

    def __init__(
        self,
        start_plans: StartPlans,
        request_log: RequestLog,
        access: Access,
        endpoints: Endpoints,
    ) -> None:
        self._start_plans, self._request_log, self._access = start_plans, request_log, access
        self._endpoints = endpoints

    def routes(self) -> list[Route]:
        return [
            Route(f"{ADMIN_PREFIX}/health", self.health, methods=["GET"]),
            Route(f"{ADMIN_PREFIX}/requests", self.requests, methods=["GET"]),
            Route(f"{ADMIN_PREFIX}/endpoints", self.endpoints, methods=["GET"]),
            Route(f"{ADMIN_PREFIX}/bill", self.bill, methods=["GET"]),
            Route(f"{ADMIN_PREFIX}/starts", self.add_start, methods=["POST"]),
            Route(f"{ADMIN_PREFIX}/tokens", self.add_token, methods=["POST"]),
        ]

    async def health(self, _request: Request) -> Response:
        """Report that the process is up."""
        return JSONResponse({"status": "ok"})

    async def requests(self, request: Request) -> Response:
        """List requests by `method` and `path` (regular expression)."""
        query = request.query_params
        found = self._request_log.find(query.get("method", ""), query.get("path", ""))
        return JSONResponse({"count": len(found), "requests": found})

    async def endpoints(self, _request: Request) -> Response:
        """List endpoints with the times of their creation and their first readiness."""
        return JSONResponse({"endpoints": [_times(each) for each in self._endpoints.every()]})

    async def bill(self, _request: Request) -> Response:
        """List what each endpoint has cost, those that are gone among them."""
        return JSONResponse({"endpoints": self._endpoints.bill()})

    async def add_start(self, request: Request) -> Response:
        """Add a `StartPlan` for endpoints that are created from now on."""
        self._start_plans.add(await _body(request, StartPlan))
        return Response(status_code=204)

    async def add_token(self, request: Request) -> Response:
        """Accept a further token, of any account and permissions."""
        payload = await _body(request, _Token)
        self._access.add(payload.token, payload.name, permissions=payload.permissions)
        return Response(status_code=204)


def _times(endpoint: StandInEndpoint) -> dict[str, object]:
    ready_ns = endpoint.ready_ns
    return {
        "name": endpoint.document.name,
        "state": endpoint.state,
        "created_at_unix_s": endpoint.created_ns / _S,
        "ready_at_unix_s": None if ready_ns is None else ready_ns / _S,
    }


async def _body[Payload: BaseModel](request: Request, kind: type[Payload]) -> Payload:
    try:
        return kind.model_validate_json(await request.body())
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False)
        raise ApiError(422, f"{details}") from error
