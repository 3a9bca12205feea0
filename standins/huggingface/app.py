"""Puts the parts together: the Hub, the control API, the proxy and the admin routes on one port."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware

from standins.huggingface.access import Access
from standins.huggingface.admin_api import AdminApi
from standins.huggingface.control_api import ControlApi
from standins.huggingface.data_plane import DataPlane
from standins.huggingface.endpoint import Clock, Launcher
from standins.huggingface.endpoints import Endpoints
from standins.huggingface.errors import ApiError, render
from standins.huggingface.hub import Hub
from standins.huggingface.hub_access import HubAccess
from standins.huggingface.hub_store import HubStore
from standins.huggingface.hub_uploads import HubUploads
from standins.huggingface.representation import Representation
from standins.huggingface.request_log import RequestLog, RequestLogMiddleware
from standins.huggingface.start_plans import StartPlans

_TICK_EVERY_S = 0.1


def container_client() -> httpx.AsyncClient:
    """Return a client without time-outs, which keeps no connection that may be stale."""
    limits = httpx.Limits(max_keepalive_connections=0)
    return httpx.AsyncClient(timeout=httpx.Timeout(None), limits=limits, trust_env=False)


@dataclass(frozen=True, kw_only=True)
class Edges:
    """The parts that tests replace."""

    access: Access
    hub: HubStore
    launcher: Launcher
    client: httpx.AsyncClient = field(default_factory=container_client)
    now_ns: Clock = time.time_ns


def create_app(edges: Edges, *, base_url: str, startup_s: float) -> Starlette:
    """Return the stand-in that is reached at *base_url* (without a trailing slash)."""
    start_plans, request_log = StartPlans(startup_s), RequestLog()
    endpoints = Endpoints(edges.launcher, start_plans, edges.now_ns)
    represent = Representation(endpoints, base_url)
    hub_access = HubAccess(edges.hub, edges.access)
    parts = (
        AdminApi(start_plans, request_log, edges.access, endpoints),
        edges.access,
        ControlApi(endpoints, edges.hub, edges.access, represent),
        DataPlane(endpoints, edges.access, edges.client, edges.now_ns),
        HubUploads(edges.hub, hub_access),
        Hub(edges.hub, hub_access),
    )

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        ticking = asyncio.create_task(_tick_for_ever(endpoints))
        yield
        ticking.cancel()
        await asyncio.gather(edges.launcher.close(), edges.client.aclose())

    return Starlette(
        routes=[route for part in parts for route in part.routes()],
        lifespan=lifespan,
        exception_handlers={ApiError: render},
        middleware=[Middleware(RequestLogMiddleware, request_log=request_log)],
    )


async def _tick_for_ever(endpoints: Endpoints) -> None:
    while True:
        endpoints.tick()
        await asyncio.sleep(_TICK_EVERY_S)
