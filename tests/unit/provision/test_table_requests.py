"""Requests to the table from MLflow's webhook to a live deployment."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import boto3
from moto import mock_aws

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.request_ports import RequestPorts
from functions.mlflow_hook.bootstrap import bootstrap as bootstrap_hook
from functions.mlflow_hook.settings import HookSettings
from functions.provision.bootstrap import bootstrap
from functions.provision.ports import ProvisionPorts
from functions.provision.settings import ProvisionSettings
from tests.builders import NOON
from tests.events import event
from tests.fakes.endpoint_logs import FakeKeptLogs
from tests.fakes.ledger import FakeLedger
from tests.fakes.model_registry import FakeModelRegistry, a_version
from tests.fakes.provider import InMemoryProvider
from tests.fakes.provider.endpoints import STARTUP
from tests.fakes.reconciliation import FakeReconciliation
from tests.fakes.serving_state import a_serving_state
from tests.fakes.tallies import FakeTallyStore
from tests.fakes.workflow import FakeWorkflow
from tests.tables import DEPLOYMENTS, create_table

VARIABLES = {
    "TABLE_NAME": DEPLOYMENTS,
    "INSTALLATION": "test",
    "STATE_MACHINE_ARN": "provision",
    "RECONCILE_FUNCTION": "reconcile",
    "API_URL": "https://api.example/api/v1",
    "WEBHOOK_SECRET": "webhook",
}


@mock_aws
def test_each_task_reads_once_and_writes_once() -> None:
    """Without the requests that wait: one look finds the endpoint running."""
    client: Any = boto3.client("dynamodb")
    create_table(DEPLOYMENTS, client)
    requests: Counter[str] = Counter()
    client.meta.events.register(
        "before-call.dynamodb", lambda model, **_: requests.update([model.name])
    )
    store, provider = DynamoDeploymentStore(client, DEPLOYMENTS), InMemoryProvider()
    hook = bootstrap_hook(
        RequestPorts(
            deployments=store, workflow=FakeWorkflow(), reconciliation=FakeReconciliation()
        ),
        HookSettings.from_env(VARIABLES),
    )
    registered = FakeModelRegistry(a_version(name="sales lead"))
    tasks = bootstrap(
        ProvisionPorts(
            tallies=FakeTallyStore,
            serving_state=a_serving_state,
            deployments=store,
            kept_logs=FakeKeptLogs(),
            ledger=FakeLedger(),
            provider=provider,
            registry=lambda: registered,
        ),
        ProvisionSettings.from_env(VARIABLES),
    )

    _, accepted = hook.accept(event("mlflow_webhook")["body"].encode(), request_id="r")
    outcomes = []
    for name in ("validate", "package", "create", "check", "verify", "activate"):
        if name == "check":
            provider.control().now = lambda: NOON + STARTUP + timedelta(seconds=1)
        outcomes.append(tasks.run(name, json.loads(json.dumps(accepted)))["outcome"])

    assert ["valid", "packaged", "created", "ready", "verified", "activated"] == outcomes
    assert {
        # The webhook and validate look at all of the model's records.
        "Query": 2,
        # The webhook: the record and the desired deployment.
        "PutItem": 2,
        # Each task: its record with the desired deployment; the activation also what is live.
        "BatchGetItem": 7,
        # The activation writes in its transaction.
        "UpdateItem": 5,
        "TransactWriteItems": 1,
    } == requests
