"""The operating function on fakes."""

import json
from datetime import timedelta
from typing import Any

from functions.common.deployments.record import Status
from functions.common.deployments.request_ports import RequestPorts
from functions.operate import handler as operations_handler
from functions.operate.bootstrap import bootstrap
from functions.operate.deployment_logs import DeploymentLogs
from functions.operate.model_usage import ModelUsage
from functions.operate.settings import OperationsSettings
from tests.builders import NOON, a_deployment, a_live_deployment
from tests.events import LambdaContext, event
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_logs import FakeEndpointLogs, FakeKeptLogs
from tests.fakes.ledger import FakeLedger
from tests.fakes.reconciliation import FakeReconciliation
from tests.fakes.usage_store import FakeUsageStore
from tests.fakes.workflow import FakeWorkflow

NOW = NOON + timedelta(hours=1)
API_URL = "https://api.example/api/v1"
LIVE = a_live_deployment()
FAILED = a_deployment(
    model_version="2",
    requested_at=NOON + timedelta(minutes=1),
    status=Status.FAILED,
    reason="No signature.",
)
CHANGE = {"change": "Resume", "detail": "version 1: its endpoint was paused"}


class Operating:
    """The function on fakes: version 1 of `iris` serves, version 2 has failed."""

    def __init__(self) -> None:
        self.store = FakeDeploymentStore(LIVE, FAILED)
        self.workflow = FakeWorkflow()
        self.reconciliation = FakeReconciliation(CHANGE)
        self.logs = FakeEndpointLogs()
        self.kept_logs = FakeKeptLogs()
        self.deployment_logs = DeploymentLogs(store=self.store, logs=self.logs, kept=self.kept_logs)
        self.usage, self.ledger = FakeUsageStore(), FakeLedger()
        self.model_usage = ModelUsage(
            usage=self.usage, ledger=self.ledger, store=self.store, now=lambda: NOW
        )
        self.operations = bootstrap(
            RequestPorts(
                deployments=self.store,
                workflow=self.workflow,
                reconciliation=self.reconciliation,
                now=lambda: NOW,
            ),
            OperationsSettings(
                table_name="t",
                installation="test",
                state_machine_arn="s",
                reconcile_function="r",
                api_url=API_URL,
            ),
        )

    def call(
        self, method: str, path: str, body: Any = None, **changes: Any
    ) -> tuple[int, dict[str, Any]]:
        """Call a route as an operator; return status and answer."""
        text = body if body is None or isinstance(body, str) else json.dumps(body)
        request = event("operations", httpMethod=method, path=path, body=text, **changes)
        answer = operations_handler.lambda_handler(request, LambdaContext())
        return answer["statusCode"], json.loads(answer["body"])

    def deploy(self, body: Any, model: str = "iris", **changes: Any) -> tuple[int, dict[str, Any]]:
        return self.call("POST", f"/api/v1/models/{model}/deployments", body, **changes)

    def undeploy(self, model: str = "iris") -> tuple[int, dict[str, Any]]:
        return self.call("DELETE", f"/api/v1/models/{model}/deployments")

    def redrive(self, id_: str, model: str = "iris") -> tuple[int, dict[str, Any]]:
        return self.call("POST", f"/api/v1/models/{model}/deployments/{id_}/redrive")

    def get_usage(self, model: str = "iris", **query: str) -> tuple[int, dict[str, Any]]:
        path = f"/api/v1/models/{model}/usage"
        return self.call("GET", path, queryStringParameters=query or None)

    def reconcile(self, **query: str) -> tuple[int, dict[str, Any]]:
        path = "/api/v1/models/iris/deployments/reconcile"
        return self.call("POST", path, queryStringParameters=query or None)


OPERATIONS = [
    ("POST", "/api/v1/models/iris/deployments"),
    ("DELETE", "/api/v1/models/iris/deployments"),
    ("POST", f"/api/v1/models/iris/deployments/{FAILED.id}/redrive"),
    ("POST", "/api/v1/models/iris/deployments/reconcile"),
]
ROUTES = [*OPERATIONS, ("GET", "/api/v1/models/iris/usage")]
"""All need a key with a write scope."""
