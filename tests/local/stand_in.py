"""The Hugging Face stand-in in this process: no socket, no child process, time set by the test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.testclient import TestClient

from standins.huggingface.hub_store import HubStore
from tests.local.doubles import Clock, FakeLauncher

TOKEN = "hf_made_up"
STARTUP_S = 2


def create_body(name: str = "m1", **model: Any) -> dict[str, Any]:
    """Return the body of a create; keyword arguments go into its `model`."""
    return {
        "name": name,
        "type": "authenticated",
        "provider": {"vendor": "aws", "region": "us-east-1"},
        "compute": {
            "accelerator": "cpu",
            "instanceType": "intel-spr",
            "instanceSize": "x2",
            "scaling": {"minReplica": 0, "maxReplica": 1, "scaleToZeroTimeout": 15},
        },
        "model": {
            "repository": "alice/iris",
            "framework": "custom",
            "image": {"huggingface": {}},
            **model,
        },
    }


@dataclass
class StandIn:
    """The stand-in and what surrounds it; *container* answers for every container."""

    clock: Clock
    launcher: FakeLauncher
    hub: HubStore
    container: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(200, json={})
    http: TestClient = field(init=False)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Return the containers' answer to *request*."""
        return self.container(request)

    def create(self, name: str = "m1", **model: Any) -> dict[str, Any]:
        """Create an endpoint; return the answer."""
        body: dict[str, Any] = self.http.post(
            "/v2/endpoint/alice", json=create_body(name, **model)
        ).json()
        return body

    def running(self, name: str = "m1", **model: Any) -> dict[str, Any]:
        """Create an endpoint and let its start-up time pass; return its description."""
        self.create(name, **model)
        self.clock.advance(STARTUP_S)
        return self.shown(name)

    def shown(self, name: str = "m1") -> dict[str, Any]:
        """Return the endpoint as the control API shows it."""
        body: dict[str, Any] = self.http.get(f"/v2/endpoint/alice/{name}").json()
        return body

    def state(self, name: str = "m1") -> str:
        """Return its `status.state`."""
        return str(self.shown(name)["status"]["state"])

    def sha(self, revision: str = "main") -> str:
        """Return the commit of *revision* in its repository."""
        return self.hub.get("alice/iris").sha(revision)
