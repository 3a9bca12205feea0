"""Every Lambda function with secrets in every form, put together as for Lambda; a script.

`python -m tests.unit.secret_forms.calls <file>` writes what was answered, raised and stored to the
file. Whatever else it prints is what Lambda would log. DynamoDB and Secrets Manager are moto's; all
other services are a server that repeats what it was sent.
"""

import base64
import hashlib
import hmac
import importlib
import json
import os
import sys
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from functions.common import trust
from functions.common.circuits.dynamodb import DynamoCircuitStateStore
from functions.common.circuits.state import Phase
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.record import Deployment
from infra.function_spec import FunctionSpec
from infra.functions import FUNCTIONS
from tests.builders import a_deployment, set_desired
from tests.events import event
from tests.processor_time import collect_garbage_rarely, read_service_models_once
from tests.tables import DEPLOYMENTS, STATE, create_table
from tests.unit.secret_forms.broken_aws import quoting_errors
from tests.unit.secret_forms.deployments import deployments
from tests.unit.secret_forms.echo import NO_HTTP, EchoServer, echoing
from tests.unit.secret_forms.forms import ALL, CANARIES, FORMS, Form, mlflow_secret
from tests.unit.secret_forms.lambda_runtime import Run, lambda_runtime

STATUSES = (400, 401, 404, 200, 307, NO_HTTP) if ALL else (401, 200, NO_HTTP)
"""Of the services' answers to plain secrets; to the others, 401."""
READERS = tuple(spec for spec in FUNCTIONS if spec.secrets or spec.name == "Authorizer")
READERS_OF_MLFLOW = tuple(spec for spec in FUNCTIONS if "mlflow_credentials" in spec.secrets)
BROKEN_AWS = "broken AWS"
"""Outcomes of calls with plain secrets while boto3 raises errors that quote requests."""


@dataclass
class Record:
    """The output of the functions, beside the log.

    Attributes:
        outcomes: What each function answered or raised, by form and function.
        traces: What X-Ray was to be given of each failure, in the same way.
        requests: Path and headers of each request to a service, by function, for plain secrets.
    """

    outcomes: dict[str, str] = field(default_factory=dict)
    traces: dict[str, str] = field(default_factory=dict)
    requests: dict[str, list[str]] = field(default_factory=dict)
    stored: str = ""


class Functions:
    """Calls every function of the table of functions."""

    def __init__(self, server: EchoServer, record: Record, run: Run) -> None:
        self._server, self._record, self._run = server, record, run
        self._dynamodb = boto3.client("dynamodb")
        self._secrets = boto3.client("secretsmanager")
        self._key = ""
        for name in CANARIES:
            self._secrets.create_secret(Name=name, SecretString="not set")
        for table in (DEPLOYMENTS, STATE):
            create_table(table, self._dynamodb)
        boto3.client("logs").create_log_group(logGroupName=os.environ["PREDICT_LOG_GROUP"])

    def call(
        self,
        what: str,
        form: Form,
        functions: Iterable[FunctionSpec],
        *,
        status: int = 401,
        field: str | None = "token",
    ) -> None:
        """Call *functions* with all secrets in *form*; only *field* of MLflow's has it."""
        texts = {name: form(canary) for name, canary in CANARIES.items()}
        texts["mlflow_credentials"] = mlflow_secret(texts["mlflow_credentials"], field)
        for name, text in texts.items():
            self._secrets.put_secret_value(SecretId=name, SecretString=text)
        self._key = f"hk_live_{texts['key'].ljust(32, 'k')}"
        self._server.status = status
        self._renew_records(texts["endpoint"])
        self._call_each(f"{what} {status}", functions, plain=form is FORMS["plain"])
        self._record.stored += self._all_stored()

    def call_while_aws_is_broken(self) -> None:
        """Call every function while boto3 raises errors that quote requests."""
        self._renew_records(CANARIES["endpoint"])
        with quoting_errors():
            self._call_each(BROKEN_AWS, FUNCTIONS, plain=False)

    def _call_each(self, what: str, functions: Iterable[FunctionSpec], *, plain: bool) -> None:
        self._forget_everything()
        # The last one: it looks at every model.
        result: Any = None
        for spec in sorted(functions, key=lambda spec: spec.name == "Reconcile"):
            tokens = [name for name in spec.secrets if name.startswith("huggingface")]
            os.environ["HUGGINGFACE_TOKEN_SECRET"] = tokens[0] if tokens else "none"
            module, _, entry = spec.handler.rpartition(".")
            handler = getattr(importlib.import_module(module), entry)
            seen = len(self._server.requests)
            question = self._event(entry if "provision" in module else module)
            reported = self._run(handler, question | ({"result": result} if result else {}))
            if spec.name == "Create" and not reported.failed:
                # As the workflow hands it to the task that writes the reason.
                result = json.loads(reported.body)
            self._record.outcomes[f"{what} {spec.name}"] = reported.body
            if reported.failed:
                self._record.traces[f"{what} {spec.name}"] = reported.trace
            if plain:
                requests = self._record.requests.setdefault(spec.name, [])
                requests += self._server.requests[seen:]
            if tokens:
                # The next one may have the other token.
                self._forget_everything()

    def _event(self, function: str) -> dict[str, Any]:
        if function.endswith("mlflow_hook.handler"):
            return _delivery()
        if function.endswith("authorizer.handler"):
            headers = {"Authorization": f"Bearer {self._key}"}
            multi = {"Authorization": [f"Bearer {self._key}"]}
            return event("authorizer", headers=headers, multiValueHeaders=multi)
        if function.endswith(("lambda_handler", "uptime.handler", "usage.handler")):
            return {}
        if function.endswith("mirror.handler"):
            return self._copied_call()
        if function.startswith("functions."):
            name = function.split(".")[1]
            kind = {"predict": "predict", "describe": "describe", "operate": "operations"}[name]
            return event(kind, **self._changes(name))
        known = self._deployments[function]
        return {"model_id": known.model_id, "deployment_id": known.id, "retire_only": True}

    def _copied_call(self) -> dict[str, Any]:
        """Return a call of the version that the candidate is compared with."""
        candidate = self._deployments["mirror"]
        ids = {"live_id": candidate.agreement.live_id, "candidate_id": candidate.id}
        body = {"body": '{"inputs": [[1.0]]}', "answer": "[1.0]"}
        return {"model_id": "mirror", **ids, "request_id": "r-1", "latency_ms": 1, **body}

    def _changes(self, name: str) -> dict[str, Any]:
        """Return what the recorded event of the function *name* must say to reach its secrets."""
        if name == "predict":
            return {"path": "/api/v1/models/live/predict"}
        if name == "operate":
            path = f"/api/v1/models/live/deployments/{self._live.id}/logs"
            return {"path": path, "httpMethod": "GET", "body": None}
        return {}

    def _forget_everything(self) -> None:
        """Make the next calls cold starts, except for the list of authorities, which is public."""
        for name, module in list(sys.modules.items()):
            if name.startswith("functions."):
                for value in list(vars(module).values()):
                    if hasattr(value, "cache_clear") and value is not trust.system_trust:
                        value.cache_clear()

    def _renew_records(self, endpoint_secret: str) -> None:
        for page in self._dynamodb.get_paginator("scan").paginate(TableName=DEPLOYMENTS):
            for item in page["Items"]:
                key = {name: item[name] for name in ("model_id", "id")}
                self._dynamodb.delete_item(TableName=DEPLOYMENTS, Key=key)
        store = DynamoDeploymentStore(self._dynamodb, DEPLOYMENTS)
        self._deployments = deployments(self._server.url, endpoint_secret)
        serving: dict[str, Any] = {
            "endpoint_name": "hokus-x-0123abcd",
            "endpoint_url": f"{self._server.url}/endpoint",
            "endpoint_secret": endpoint_secret,
            "runtime": "container",
            "min_replicas": 1,
            "input_example": {"inputs": [[1.0]]},
        }
        self._live = a_deployment(model_id="live", **serving)
        replaced = [a_deployment(model_id=name, **serving) for name in ("agree", "bake")]
        for live in (self._live, *replaced):
            store.add(live)
            set_desired(store, live)
            store.activate(live)
        for each in self._deployments.values():
            store.add(each)
            set_desired(store, each)
        store.activate(self._deployments["bake"])
        self._open_circuit(self._deployments["bake"])

    def _open_circuit(self, deployment: Deployment) -> None:
        """Let *deployment* have failed: the one before it is asked whether it still answers."""
        circuits = DynamoCircuitStateStore(self._dynamodb, STATE)
        seen = circuits.get(deployment.id)
        assert circuits.replace(deployment.id, seen, replace(seen, phase=Phase.OPEN))

    def _all_stored(self) -> str:
        """Return all items, without the attribute that is made for the endpoint's secret."""
        items: list[Any] = []
        for table in (DEPLOYMENTS, STATE):
            for page in self._dynamodb.get_paginator("scan").paginate(TableName=table):
                items += page["Items"]
        for item in items:
            item.pop("endpoint_secret", None)
        return json.dumps(items, default=str)


def _delivery() -> dict[str, Any]:
    """Return a forged delivery of the webhook."""
    body = event("mlflow_webhook")["body"]
    now = str(int(time.time()))
    signed = f"d-1.{now}.{body}".encode()
    digest = hmac.new(CANARIES["guessed"].encode(), signed, hashlib.sha256).digest()
    headers = {
        "X-MLflow-Delivery-Id": "d-1",
        "X-MLflow-Timestamp": now,
        "X-MLflow-Signature": f"v1,{base64.b64encode(digest).decode()}",
    }
    return event("mlflow_webhook", headers=headers)


def main(file: Path) -> None:
    read_service_models_once()
    collect_garbage_rarely()
    record = Record()
    with ExitStack() as stack:
        moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        moto.start()
        stack.callback(moto.stop)
        host, port = moto.get_host_and_port()
        server = stack.enter_context(echoing())
        os.environ.update(
            AWS_ENDPOINT_URL=f"http://{host}:{port}",
            TABLE_NAME=DEPLOYMENTS,
            STATE_TABLE_NAME=STATE,
            HUGGINGFACE_NAMESPACE="hokus",
            HUGGINGFACE_API_URL=server.url,
            HUGGINGFACE_HUB_URL=server.url,
            ENDPOINT_DOMAIN="127.0.0.1",
            MLFLOW_TRACKING_URI=server.url,
            MLFLOW_CREDENTIALS_SECRET="mlflow_credentials",
            WEBHOOK_SECRET="webhook",
            UPTIME_API_KEY_SECRET="uptime_api_key",
            AUTH_URL=server.url,
            PREDICTION_DEADLINE_S="3",
            RECONCILE_FUNCTION="reconcile",
            STATE_MACHINE_ARN="arn:aws:states:us-east-1:123456789012:stateMachine:none",
            INSTALLATION="test",
            API_URL=f"{server.url}/api/v1",
            EVENT_BUS="events",
            RETIRE_AFTER_S="40",
            PREDICT_LOG_GROUP="predict",
        )
        functions = Functions(server, record, stack.enter_context(lambda_runtime()))
        for what, form in FORMS.items():
            for status in STATUSES if what == "plain" else (401,):
                called = FUNCTIONS if what == "plain" else READERS
                functions.call(what, form, called, status=status)
            for field in ("username", "password", None):
                functions.call(f"{what} as {field}", form, READERS_OF_MLFLOW, field=field)
        functions.call("white space", lambda _: " \n", READERS, field=None)
        functions.call_while_aws_is_broken()
    file.write_text(json.dumps(asdict(record)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
