"""The uptime function on fakes."""

import json
from collections.abc import Mapping
from typing import Any

from functions.common.deployments.record import Deployment
from functions.uptime.api import ApiAnswer, NoAnswerError
from functions.uptime.bootstrap import UptimeFunction, UptimePorts, bootstrap
from functions.uptime.settings import UptimeSettings
from tests.builders import NOON, a_deployment, set_desired
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.ledger import FakeLedger
from tests.fakes.model_listing import FakeModelListing
from tests.fakes.prediction_api import FakePredictionApi
from tests.fakes.secrets import FakeSecrets

KEY = f"hk_live_{'0' * 32}"
SECRET = "UptimeApiKey"
EXAMPLE: dict[str, Any] = {"inputs": [[5.1, 3.5]]}
ANSWER_SCHEMA = {"type": "array", "items": {"type": "integer"}}


def awake(model_id: str = "iris", **changes: Any) -> Deployment:
    """Return a deployment, not live yet, whose endpoint is never meant to sleep."""
    return a_deployment(
        **{
            "model_id": model_id,
            "endpoint_name": f"hokus-{model_id}-0123abcd",
            "min_replicas": 1,
            "max_replicas": 1,
            "hourly_cost_usd": 0.033,
            "input_example": EXAMPLE,
            "answer_schema": ANSWER_SCHEMA,
            **changes,
        }
    )


def answered(deployment: Deployment, predictions: Any = (0, 1), **changes: Any) -> ApiAnswer:
    """Return the API's answer 200; *changes* of its fields."""
    answer = {
        "model_id": deployment.model_id,
        "model_version": deployment.model_version,
        "predictions": predictions,
        "metadata": {"deployment_id": deployment.id},
        **changes,
    }
    return ApiAnswer(status=200, content=json.dumps(answer).encode(), request_id="r-1")


def refused(status: int, code: str) -> ApiAnswer:
    """Return a problem (RFC 9457)."""
    return ApiAnswer(status=status, content=json.dumps({"code": code}).encode(), request_id="r-1")


class Checking:
    """The function; `serve` makes a model live, which then answers as it should."""

    def __init__(self) -> None:
        self.store = FakeDeploymentStore()
        self.circuits = FakeCircuitStateStore()
        self.ledger = FakeLedger()
        self.api = FakePredictionApi({})
        self.secrets = FakeSecrets({SECRET: KEY})
        self.settings: Mapping[str, Any] = {}

    def serve(
        self, deployment: Deployment, answer: ApiAnswer | NoAnswerError | None = None
    ) -> Deployment:
        """Make *deployment* live; its model answers with *answer*."""
        self.store.add(deployment)
        set_desired(self.store, deployment)
        live = self.store.activate(deployment)
        self.api.answers[live.model_id] = answer or answered(live)
        return live

    def function(self) -> UptimeFunction:
        ports = UptimePorts(
            listing=FakeModelListing(self.store),
            deployments=self.store,
            circuits=self.circuits,
            ledger=self.ledger,
            api=self.api,
            secrets=self.secrets,
            now=lambda: NOON,
        )
        settings = UptimeSettings(
            table_name="t",
            state_table_name="s",
            api_url="https://api.example/api/v1",
            uptime_api_key_secret=SECRET,
            **self.settings,
        )
        return bootstrap(ports, settings)

    @property
    def called(self) -> list[str]:
        """Models that were called, by their names."""
        return sorted(model for model, _, _ in self.api.calls)
