"""The ledger against the Hugging Face stand-in, which meters its endpoints by itself.

Given the control API's own documents, and a clock that both share; when endpoints start, sleep,
wake, are paused, resumed and deleted, and the reconciler looks every 15 minutes, at times twice, at
times not at all; then the ledger has what the stand-in's bill has, to 1 %.
"""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import ModelState
from functions.common.ledger.store import NOBODY
from functions.common.providers.huggingface.control import HuggingFaceControl
from functions.provision.metering.meter import Meter
from tests.builders import a_deployment, changed
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.ledger import FakeLedger
from tests.fakes.price_list import FakePriceList
from tests.local.stand_in import TOKEN, StandIn, create_body

TAG = "hokus-installation-1"
PERIOD_S = 15 * 60


class Metered:
    """The stand-in, and our meter of it."""

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.ledger, self.circuits = FakeLedger(), FakeCircuitStateStore()
        self.store = FakeDeploymentStore(now=self.now)
        self.control = HuggingFaceControl(
            api_url="http://testserver",
            hub_url="http://testserver",
            namespace="alice",
            token=lambda: TOKEN,
            client=httpx.Client(transport=httpx.MockTransport(self._answer)),
        )
        self.meter = Meter(
            ledger=self.ledger,
            store=self.store,
            circuits=self.circuits,
            prices=FakePriceList(),
            now=self.now,
        )

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.stand_in.clock.now_ns / 1e9, UTC)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = self.stand_in.http.request(
            request.method, str(request.url), content=request.content, headers=request.headers
        )
        return httpx.Response(answer.status_code, content=answer.content)

    def create(self, name: str, *, min_replicas: int, max_replicas: int = 2) -> Deployment:
        """Create an endpoint, and have a live deployment of it."""
        body: Any = create_body(name) | {"tags": [TAG]}
        body["compute"]["scaling"] |= {"minReplica": min_replicas, "maxReplica": max_replicas}
        self.stand_in.http.post("/v2/endpoint/alice", json=body)
        deployment = changed(
            a_deployment(model_id=name, status=Status.DEPLOYED),
            endpoint_name=name,
            hourly_cost_usd=0.067 * max_replicas,
            max_replicas=max_replicas,
            min_replicas=min_replicas,
        )
        self.store.deployments[deployment.id] = deployment
        return deployment

    def call(self, deployment: Deployment) -> None:
        """Predict, and note as predict does that it answered, or wakes."""
        url = self.stand_in.shown(deployment.endpoint.name or "")["status"]["url"]
        answer = self.stand_in.http.post(url, json={})
        circuit = self.circuits.get(deployment.id)
        moment = self.now().timestamp()
        noted = circuit.answered(moment) if answer.is_success else circuit.asleep(moment)
        self.circuits.kept[deployment.id] = noted

    def delete(self, deployment: Deployment) -> None:
        stopped = changed(deployment, status=Status.STOPPED, removing_at=self.now())
        self.store.deployments[deployment.id] = stopped
        self.control.delete(deployment.endpoint.name or "")

    def look(self, times: int = 1) -> None:
        """Let the reconciler count."""
        models = {each.model_id for each in self.store.deployments.values()}
        states: dict[str, ModelState] = {name: self.store.state(name) for name in models}
        for _ in range(times):
            endpoints = {each.name: each for each in self.control.tagged(TAG)}
            self.meter.measure(states, endpoints, every_model=True)

    def wait(self, minutes: float, *, looks: int = 1) -> None:
        """Let time pass, and the reconciler count *looks* times every 15 minutes."""
        left_s = minutes * 60
        while left_s > 0:
            step_s = min(PERIOD_S, left_s)
            self.stand_in.clock.advance(step_s)
            left_s -= step_s
            self.look(looks)

    def counted(self) -> dict[str, float]:
        return {
            name: cost.usd
            for month in self.ledger.kept.values()
            for name, cost in month.endpoints.items()
        }

    def billed(self) -> dict[str, float]:
        bill = self.stand_in.http.get("/_standin/bill").json()["endpoints"]
        return {each["name"]: each["usd"] for each in bill}


@pytest.fixture
def metered(stand_in: StandIn) -> Metered:
    return Metered(stand_in)


def test_the_ledger_equals_the_stand_ins_bill(metered: Metered) -> None:
    """One always on with two replicas, one that is called now and then, one paused, one short."""
    always = metered.create("always", min_replicas=2)
    sleeper = metered.create("sleeper", min_replicas=0)
    paused = metered.create("paused", min_replicas=1)
    metered.wait(65)
    for quiet_min in (50, 95, 20, 240):
        metered.call(sleeper)
        metered.stand_in.clock.advance(5)
        metered.call(sleeper)
        metered.wait(quiet_min, looks=2)
    metered.control.pause("paused")
    metered.wait(100, looks=0)
    metered.wait(100)
    metered.control.resume("paused")
    metered.wait(307)
    short = metered.create("short", min_replicas=1)
    metered.wait(40)
    metered.delete(short)
    metered.wait(61)
    metered.delete(paused)
    metered.wait(33, looks=0)
    metered.wait(7)

    assert always.endpoint.name in metered.billed()
    assert metered.billed() == pytest.approx(metered.counted(), rel=0.01)
    assert 0 < metered.billed()["sleeper"] < 0.5 * metered.billed()["always"] / 2


def test_endpoints_that_no_record_names_are_billed_all_the_same(metered: Metered) -> None:
    """Under the name that stands for nobody."""
    stray = metered.create("stray", min_replicas=1)
    metered.store.deployments.clear()
    metered.wait(120)

    month = metered.ledger.month(NOBODY, metered.now().strftime("%Y-%m"))
    assert stray.endpoint.name in month.endpoints
    assert metered.billed()["stray"] == pytest.approx(month.usd, rel=0.01)
