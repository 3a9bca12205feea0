"""The predict function as Lambda runs it, with a table and a secret of its own (moto)."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from functions.common.deployments.items import live_item
from functions.common.deployments.record import Deployment
from functions.predict import handler
from functions.predict.bootstrap import aws_ports, bootstrap
from functions.predict.settings import PredictSettings
from tests.builders import a_live_deployment, changed
from tests.events import LambdaContext, event
from tests.faults.scripts import RIGHT
from tests.tables import DEPLOYMENTS, STATE, create_table

VARIABLES = {
    "TABLE_NAME": DEPLOYMENTS,
    "STATE_TABLE_NAME": STATE,
    "RECONCILE_FUNCTION": "reconcile",
    "HUGGINGFACE_NAMESPACE": "tests",
    "HUGGINGFACE_TOKEN_SECRET": "token",
    "ENDPOINT_DOMAIN": "127.0.0.1",
    "LOOKUP_MAX_AGE_S": "0",
}
RIGHT_DEPLOYMENT = a_live_deployment(adopted_from=RIGHT["deployment_id"])
TOKEN = "hf_token-of-ours"


@dataclass(frozen=True)
class Answer:
    """The answer that API Gateway gets."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    text: str


class PredictFunction:
    """The function, and the deployment that it finds live."""

    def __init__(self) -> None:
        self._table = boto3.client("dynamodb")

    def serve(self, url: str, deployment: Deployment = RIGHT_DEPLOYMENT) -> None:
        """Make *deployment* live with an endpoint of that URL, and with a circuit of its own.

        Its endpoint was made for the deployment whose id it has, or that `RIGHT` names.
        """
        made_for = deployment.endpoint.adopted_from or deployment.id
        changes = {"id": str(uuid4()), "endpoint_url": url, "adopted_from": made_for}
        item = live_item(changed(deployment, **changes))
        self._table.put_item(TableName=DEPLOYMENTS, Item=item)

    def call(self, body: bytes, **headers: str) -> Answer:
        """POST *body* to the predict route of the model `iris`."""
        recorded = event("predict", body=body.decode())
        recorded["headers"] |= headers
        answer = handler.lambda_handler(recorded, LambdaContext())
        sent = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
        text = answer["body"]
        return Answer(answer["statusCode"], sent, json.loads(text), text)


@contextmanager
def running(*, deadline_s: float) -> Iterator[PredictFunction]:
    """Run the function with *deadline_s* for a prediction and the caches of a new environment."""
    variables = {**VARIABLES, "PREDICTION_DEADLINE_S": str(deadline_s)}
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in variables.items():
            patch.setenv(name, value)
        _create()
        settings = PredictSettings.from_env()
        ports = aws_ports(settings)
        function = bootstrap(ports, settings, logger=handler.logger)
        patch.setattr(handler, "predict_function", lambda: function)
        yield PredictFunction()
        client: Any = ports.inference
        client.close()


def _create() -> None:
    for table in (DEPLOYMENTS, STATE):
        create_table(table)
    boto3.client("secretsmanager").create_secret(Name="token", SecretString=TOKEN)
