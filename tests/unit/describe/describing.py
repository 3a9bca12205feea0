"""The describe function on fakes."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.describe import handler as describe_handler
from functions.describe.bootstrap import DescribePorts, bootstrap
from functions.describe.settings import DescribeSettings
from tests.builders import a_live_deployment
from tests.events import LambdaContext, event
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.fakes.deployment_history import FakeDeploymentHistory
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.ledger import FakeLedger
from tests.fakes.model_listing import FakeModelListing
from tests.fakes.usage_store import FakeUsageStore

API_URL = "https://api.example/api/v1"
LIVE = a_live_deployment(
    revision="a" * 40,
    repository="hokus/hokus-iris",
    input_schema=[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}],
)


@dataclass
class Describing:
    """The handler with a store and circuits of its own."""

    store: FakeDeploymentStore = field(default_factory=lambda: FakeDeploymentStore(LIVE))
    circuit_states: FakeCircuitStateStore = field(default_factory=FakeCircuitStateStore)
    ledger: FakeLedger = field(default_factory=FakeLedger)
    usage: FakeUsageStore = field(default_factory=FakeUsageStore)

    def call(self, path: str, **changes: Any) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Return status, answer and headers of GET *path*, below the base."""
        request = event("describe", path=f"/api/v1{path}", **changes)
        context: Any = LambdaContext()
        answer = describe_handler.lambda_handler(request, context)
        headers = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
        return answer["statusCode"], json.loads(answer["body"]), headers

    def get(self, path: str, **query: str) -> tuple[int, dict[str, Any]]:
        """Return status and answer."""
        return self.call(path, queryStringParameters=query or None)[:2]


def on_fakes(monkeypatch: pytest.MonkeyPatch) -> Describing:
    """Replace the parts of the handler by fakes until the test ends."""
    describing = Describing()
    ports = DescribePorts(
        deployments=describing.store,
        history=FakeDeploymentHistory(describing.store),
        listing=FakeModelListing(describing.store),
        circuit_states=describing.circuit_states,
        ledger=describing.ledger,
        usage=describing.usage,
    )
    use(ports, monkeypatch)
    return describing


def use(ports: DescribePorts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the handler work on *ports* until the test ends."""
    settings = DescribeSettings(
        table_name="deployed_models", state_table_name="state", api_url=API_URL
    )
    function = bootstrap(ports, settings)
    monkeypatch.setattr(describe_handler, "describe_function", lambda: function)
