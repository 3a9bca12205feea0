"""The Hugging Face stand-in in this process: no socket, no child process, time moved by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from standins.huggingface.access import Access
from standins.huggingface.app import Edges, create_app
from standins.huggingface.hub_store import HubStore
from standins.huggingface.start_plans import Timing
from tests.local.doubles import Clock, FakeLauncher

TOKEN = "hf_made_up"
STARTUP_S = 2


def create_body(name: str = "m1", **model: Any) -> dict[str, Any]:
    """The body of a create; keyword arguments go into its `model`."""
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
    """The stand-in with its edges; *container* is the function that answers for all of them."""

    clock: Clock
    launcher: FakeLauncher
    hub: HubStore
    container: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(200, json={})
    http: TestClient = field(init=False)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """What whichever container is asked answers."""
        return self.container(request)

    def create(self, name: str = "m1", **model: Any) -> dict[str, Any]:
        """A new endpoint, just created."""
        body: dict[str, Any] = self.http.post(
            "/v2/endpoint/alice", json=create_body(name, **model)
        ).json()
        return body

    def running(self, name: str = "m1", **model: Any) -> dict[str, Any]:
        """A new endpoint when it has come up."""
        self.create(name, **model)
        self.clock.advance(STARTUP_S)
        return self.shown(name)

    def shown(self, name: str = "m1") -> dict[str, Any]:
        """The endpoint as the control API shows it."""
        body: dict[str, Any] = self.http.get(f"/v2/endpoint/alice/{name}").json()
        return body

    def state(self, name: str = "m1") -> str:
        """Its `status.state`."""
        return str(self.shown(name)["status"]["state"])

    def sha(self, revision: str = "main") -> str:
        """The commit that *revision* of its repository is at."""
        return self.hub.get("alice/iris").sha(revision)


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    """A stand-in with one private repository, `alice/iris`, asked by its owner."""
    clock, launcher, access = Clock(), FakeLauncher(), Access()
    access.add(TOKEN, "alice")
    hub = HubStore(tmp_path, clock)
    hub.create("alice/iris", private=True)
    made = StandIn(clock, launcher, hub)
    client = httpx.AsyncClient(transport=httpx.MockTransport(made.answer))
    edges = Edges(
        access=access,
        hub=hub,
        launcher=launcher,
        client=client,
        now_ns=clock,
        sleep=clock.sleep,
    )
    app = create_app(edges, base_url="http://testserver", timing=Timing(startup_s=STARTUP_S))
    made.http = TestClient(app, headers={"authorization": f"Bearer {TOKEN}"})
    return made
