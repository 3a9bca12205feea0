"""Puts the parts together: the Hub, the control API, the proxy and the admin routes on one port."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import Scope

from standins.huggingface.access import Access
from standins.huggingface.admin_api import AdminApi
from standins.huggingface.control_api import ControlApi
from standins.huggingface.data_plane import DataPlane
from standins.huggingface.endpoint import Clock, Launcher
from standins.huggingface.endpoints import Endpoints
from standins.huggingface.errors import ApiError, render
from standins.huggingface.faults import ConnectionDroppedError, FaultMiddleware, Faults
from standins.huggingface.hub import Hub, HubAccess
from standins.huggingface.hub_store import HubStore
from standins.huggingface.hub_uploads import HubUploads
from standins.huggingface.representation import Representation
from standins.huggingface.start_plans import StartPlans, Timing

_TICK_EVERY_S = 0.1


def no_socket(_scope: Scope) -> None:
    """How a connection is dropped where there is none."""
    raise ConnectionDroppedError


def container_client() -> httpx.AsyncClient:
    """Talks to containers: no time-out of its own, and no connection kept that may be stale."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(timeout=httpx.Timeout(None), limits=limits, trust_env=False)


@dataclass(frozen=True, kw_only=True)
class Edges:
    """What the stand-in stands on, for tests to replace.

    Attributes:
        drop: Closes the connection of a request without an answer.
    """

    access: Access
    hub: HubStore
    launcher: Launcher
    client: httpx.AsyncClient = field(default_factory=container_client)
    drop: Callable[[Scope], None] = no_socket
    now_ns: Clock = time.time_ns
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


def create_app(edges: Edges, *, base_url: str, timing: Timing) -> Starlette:
    """The whole stand-in; *base_url* is where it is reached, without a trailing slash."""
    start_plans, faults = StartPlans(timing), Faults()
    endpoints = Endpoints(edges.launcher, start_plans, edges.now_ns)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(_tick_for_ever(endpoints))
        yield
        ticking.cancel()
        await asyncio.gather(edges.launcher.close(), edges.client.aclose())

    return Starlette(
        routes=_routes(edges, endpoints, start_plans, faults, base_url=base_url),
        lifespan=lifespan,
        exception_handlers={ApiError: render},
        middleware=[Middleware(FaultMiddleware, faults=faults, drop=edges.drop, sleep=edges.sleep)],
    )


def _routes(
    edges: Edges, endpoints: Endpoints, start_plans: StartPlans, faults: Faults, *, base_url: str
) -> list[Route]:
    representation = Representation(endpoints, base_url)
    hub_access = HubAccess(edges.hub, edges.access)
    admin_api = AdminApi(
        endpoints=endpoints,
        start_plans=start_plans,
        faults=faults,
        access=edges.access,
        representation=representation,
    )
    control_api = ControlApi(
        endpoints=endpoints,
        start_plans=start_plans,
        hub=edges.hub,
        access=edges.access,
        launcher=edges.launcher,
        representation=representation,
    )
    data_plane = DataPlane(
        endpoints=endpoints,
        start_plans=start_plans,
        access=edges.access,
        client=edges.client,
        now_ns=edges.now_ns,
        sleep=edges.sleep,
    )
    hub = [
        *HubUploads(edges.hub, hub_access).routes(),
        *Hub(edges.hub, hub_access).routes(),
    ]
    return [*admin_api.routes(), *control_api.routes(), *data_plane.routes(), *hub]


async def _tick_for_ever(endpoints: Endpoints) -> None:
    while True:
        endpoints.tick()
        await asyncio.sleep(_TICK_EVERY_S)
