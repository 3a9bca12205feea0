"""The webhook's function on fakes."""

import json
import time
from datetime import datetime
from typing import Any

from functions.common.deployments.request_ports import RequestPorts
from functions.mlflow_hook import bootstrap, handler
from functions.mlflow_hook.deliveries import Deliveries
from functions.mlflow_hook.settings import HookSettings
from tests.events import event
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.reconciliation import FakeReconciliation
from tests.fakes.secrets import FakeSecrets
from tests.fakes.workflow import FakeWorkflow
from tests.unit.mlflow_hook.test_signature import signed_headers

SECRET = "s3cret"
DELIVERED = datetime.fromisoformat(json.loads(event("mlflow_webhook")["body"])["timestamp"])


class Hook:
    """The function on fakes."""

    def __init__(self) -> None:
        self.store = FakeDeploymentStore()
        self.workflow = FakeWorkflow()
        self.reconciliation = FakeReconciliation()
        self.deploy_alias = ""
        self.secrets = FakeSecrets({"webhook": SECRET})

    def deliveries(self) -> Deliveries:
        """Return the function on the fakes."""
        return bootstrap.bootstrap(
            RequestPorts(
                deployments=self.store,
                workflow=self.workflow,
                reconciliation=self.reconciliation,
                now=lambda: DELIVERED,
            ),
            HookSettings(
                table_name="t",
                installation="test",
                deploy_alias=self.deploy_alias,
                state_machine_arn="s",
                reconcile_function="r",
                webhook_secret="webhook",
            ),
        )

    def post(self, body: str | None = None, *, secret: str = SECRET, **changes: Any) -> Any:
        """Deliver *body*, signed; return status and answer."""
        recorded = event("mlflow_webhook")
        text = recorded["body"] if body is None else body
        headers = signed_headers(text.encode(), secret=secret, at=int(time.time()))
        request = recorded | {"body": text, "headers": headers} | changes
        answer = handler.lambda_handler(request, None)
        return answer["statusCode"], json.loads(answer["body"])

    def deliver_event(self, entity: str, action: str, **data: Any) -> Any:
        """Deliver another event about version 1 of `sales lead`; return status and answer."""
        about = {"name": "sales lead", "version": "1"} | data
        recorded = json.loads(event("mlflow_webhook")["body"])
        return self.post(json.dumps(recorded | {"entity": entity, "action": action, "data": about}))
