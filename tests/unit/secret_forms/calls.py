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
import traceback
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.record import HUB_RUNTIME, Deployment, Status
from infra.functions import FUNCTIONS
from tests.builders import a_deployment, set_desired
from tests.events import LambdaContext, event
from tests.tables import DEPLOYMENTS, STATE, create_table
from tests.unit.secret_forms.echo import EchoServer, echoing

MARKER = "CANARYSECRET0123456789"
ENDPOINT_SECRET = "CANARYOFTHEENDPOINT01"
KEY = "hk_live_CANARYKEY" + "k" * 23
FORMS = {
    "plain": MARKER,
    "no JSON": MARKER,
    "line end": f"{MARKER}\n",
    "two line ends": f"{MARKER}\r\n\n",
    "spaces": f"  {MARKER}\t",
    "a header of its own": f"{MARKER}\r\nX-Other: y",
    "NUL": f"{MARKER}\0",
    "latin-1": f"{MARKER}é",
    "beyond latin-1": f"{MARKER}€",
    "byte order mark": f"\ufeff{MARKER}",
    "next line": f"{MARKER}\x85{MARKER}",
    "an object": json.dumps({"token": MARKER}),
    "an object of another form": json.dumps({"value": {MARKER: MARKER}}),
    "a list": json.dumps([MARKER]),
    "broken JSON": f'{{"token": "{MARKER}"',
    "a token with a line end": json.dumps({"token": f"{MARKER}\n"}),
    "a token of two lines": json.dumps({"token": f"{MARKER}\r\nX: y"}),
    "a password": json.dumps({"username": "mlflow", "password": MARKER}),
    "a password with NUL": json.dumps({"username": "mlflow", "password": f"{MARKER}\0"}),
    "very long": MARKER * 2_000,
    "white space": " \n",
}
WRAPPED = {"plain", "line end", "a header of its own", "NUL", "beyond latin-1", "very long"}
"""Forms that MLflow's credentials have as a token in the JSON object that they must be."""
STATUSES = (400, 401, 404, 200)
"""Of the services' answers to the plain secret; to the others, 401."""


@dataclass
class Record:
    """The output of the functions, beside the log.

    Attributes:
        outcomes: What each function answered or raised, by form and function.
        requests: Path and `Authorization` of each request to a service, by function, for the plain
            secret.
    """

    outcomes: dict[str, str] = field(default_factory=dict)
    requests: dict[str, list[str]] = field(default_factory=dict)
    stored: str = ""


def deployments(url: str) -> dict[str, Deployment]:
    """Return a deployment for each task of the workflow; its model has the task's name."""
    up = {
        "endpoint_name": "hokus-x-0123abcd",
        "endpoint_url": f"{url}/endpoint",
        "endpoint_secret": ENDPOINT_SECRET,
        "repository": "hokus/hokus-x-0123abcd",
        "revision": "a" * 40,
        "package": "p",
        "runtime": "container",
        "python": "3.12",
        "instance_type": "intel-spr",
        "instance_size": "x1",
        "min_replicas": 1,
        "max_replicas": 1,
        "input_example": {"inputs": [[1.0]]},
    }
    own: dict[str, dict[str, Any]] = {
        "package": {"runtime": HUB_RUNTIME, "repository": "someone/model"},
        "retire": up | {"status": Status.STOPPED},
    }
    tasks = ("validate", "package", "create", "check", "verify", "activate", "retire", "clean_up")
    return {task: a_deployment(model_id=task, **own.get(task, up)) for task in tasks}


class Functions:
    """Calls every function of the table of functions."""

    def __init__(self, server: EchoServer, record: Record) -> None:
        self._server = server
        self._record = record
        self._dynamodb = boto3.client("dynamodb")
        self._secrets = boto3.client("secretsmanager")
        for name in ("token", "mlflow", "webhook"):
            self._secrets.create_secret(Name=name, SecretString="not set")
        for table in (DEPLOYMENTS, STATE):
            create_table(table, self._dynamodb)

    def call_all(self, form: str, secret: str, status: int) -> None:
        wrapped = json.dumps({"token": secret}) if form in WRAPPED else secret
        for name, value in {"token": secret, "mlflow": wrapped, "webhook": secret}.items():
            self._secrets.put_secret_value(SecretId=name, SecretString=value)
        self._server.status = status
        self._renew_records()
        self._forget_everything()
        called = [spec for spec in FUNCTIONS if spec.secrets or form == "plain"]
        # The last one: it looks at every model.
        result: Any = None
        for spec in sorted(called, key=lambda spec: spec.name == "Reconcile"):
            module, _, entry = spec.handler.rpartition(".")
            handler = getattr(importlib.import_module(module), entry)
            seen = len(self._server.requests)
            question = self._event(entry if "provision" in module else module)
            outcome = self._run(handler, question | ({"result": result} if result else {}))
            if spec.name == "Create" and not outcome.startswith("raised"):
                # As the workflow hands it to the task that writes the reason.
                result = json.loads(outcome)
            self._record.outcomes[f"{form} {status} {spec.name}"] = outcome
            if form == "plain":
                requests = self._record.requests.setdefault(spec.name, [])
                requests += self._server.requests[seen:]
        self._record.stored += self._all_stored()

    def _run(self, handler: Any, question: dict[str, Any]) -> str:
        """Return the answer. An exception is printed and returned as Lambda's runtime does it."""
        try:
            return json.dumps(handler(question, LambdaContext()))
        except Exception as error:  # noqa: BLE001 - whatever leaves a function
            frames = traceback.format_list(traceback.extract_tb(error.__traceback__))
            print(f"[ERROR] {type(error).__name__}: {error}\n{''.join(frames)}")  # noqa: T201
            return f"raised {type(error).__name__}: {error}"

    def _event(self, function: str) -> dict[str, Any]:
        if function.endswith("mlflow_hook.handler"):
            return _delivery()
        if function.endswith("authorizer.handler"):
            headers = {"Authorization": f"Bearer {KEY}"}
            multi = {"Authorization": [f"Bearer {KEY}"]}
            return event("authorizer", headers=headers, multiValueHeaders=multi)
        if function.startswith("functions."):
            name = function.split(".")[1]
            kind = {"predict": "predict", "describe": "describe", "operate": "operations"}[name]
            changes = {"path": "/api/v1/models/live/predict"} if name == "predict" else {}
            return event(kind, **changes)
        if function == "lambda_handler":
            return {}
        known = self._deployments[function]
        return {"model_id": known.model_id, "deployment_id": known.id, "retire_only": True}

    def _forget_everything(self) -> None:
        """Make the next calls cold starts."""
        for name, module in list(sys.modules.items()):
            if name.startswith("functions."):
                for value in list(vars(module).values()):
                    if hasattr(value, "cache_clear"):
                        value.cache_clear()

    def _renew_records(self) -> None:
        for page in self._dynamodb.get_paginator("scan").paginate(TableName=DEPLOYMENTS):
            for item in page["Items"]:
                key = {name: item[name] for name in ("model_id", "id")}
                self._dynamodb.delete_item(TableName=DEPLOYMENTS, Key=key)
        store = DynamoDeploymentStore(self._dynamodb, DEPLOYMENTS)
        self._deployments = deployments(self._server.url)
        live = a_deployment(
            model_id="live",
            endpoint_url=f"{self._server.url}/endpoint",
            endpoint_secret=ENDPOINT_SECRET,
            runtime="container",
        )
        for each in (*self._deployments.values(), live):
            store.add(each)
            set_desired(store, each)
        store.activate(live)

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
    digest = hmac.new(b"guessed-" + MARKER.encode(), signed, hashlib.sha256).digest()
    headers = {
        "X-MLflow-Delivery-Id": "d-1",
        "X-MLflow-Timestamp": now,
        "X-MLflow-Signature": f"v1,{base64.b64encode(digest).decode()}",
    }
    return event("mlflow_webhook", headers=headers)


def main(file: Path) -> None:
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
            HUGGINGFACE_TOKEN_SECRET="token",
            HUGGINGFACE_API_URL=server.url,
            HUGGINGFACE_HUB_URL=server.url,
            ENDPOINT_DOMAIN="127.0.0.1",
            MLFLOW_TRACKING_URI=server.url,
            MLFLOW_CREDENTIALS_SECRET="mlflow",
            WEBHOOK_SECRET="webhook",
            AUTH_URL=server.url,
            PREDICTION_DEADLINE_S="3",
            RECONCILE_FUNCTION="reconcile",
            STATE_MACHINE_ARN="arn:aws:states:us-east-1:123456789012:stateMachine:none",
            INSTALLATION="test",
            API_URL="https://api.example/api/v1",
            RETIRE_AFTER_S="40",
        )
        functions = Functions(server, record)
        for form, secret in FORMS.items():
            for status in STATUSES if form == "plain" else (401,):
                functions.call_all(form, secret, status)
    file.write_text(json.dumps(asdict(record)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
