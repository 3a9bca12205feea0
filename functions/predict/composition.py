"""What the predicting function is put together from, once per execution environment."""

from functools import cache
from typing import TYPE_CHECKING

import boto3
from aws_lambda_powertools.metrics import MetricUnit
from botocore.config import Config

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.reconciliation import LambdaReconciliation
from functions.common.observability import make_logger, make_metrics
from functions.common.providers.huggingface.inference import HuggingFaceInference
from functions.common.providers.huggingface.transport import Transport
from functions.common.secrets import SecretsManagerSecrets
from functions.predict.availability.calls import Calls
from functions.predict.availability.dynamodb_conditions import DynamoConditions
from functions.predict.availability.gate import Gate
from functions.predict.availability.watch import Watch
from functions.predict.input_validation.validator import InputValidator
from functions.predict.live_deployments import LiveDeployments
from functions.predict.prediction import Predictor
from functions.predict.settings import PredictSettings

if TYPE_CHECKING:
    from functions.predict.idempotency import Idempotency

_IMPATIENT = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1})
"""What is shared of endpoints helps calls; it must not hold them up."""


@cache
def settings() -> PredictSettings:
    """Read at the first request, never at import."""
    return PredictSettings.from_env()


@cache
def predictor() -> Predictor:
    """Predicts with live deployments on Hugging Face."""
    store = DynamoDeploymentStore(boto3.client("dynamodb"), settings().table_name)
    return Predictor(
        LiveDeployments(store, max_age_s=settings().lookup_max_age_s),
        InputValidator(),
        Calls(_inference(), _gate()),
        deadline_s=settings().prediction_deadline_s,
    )


@cache
def idempotency() -> "Idempotency":
    """Where answers are kept for callers who ask for that; few do."""
    from functions.predict.idempotency import shared_idempotency  # noqa: PLC0415

    return shared_idempotency(
        boto3.client("dynamodb", config=_IMPATIENT),
        settings().state_table_name,
        deadline_s=settings().prediction_deadline_s,
        logger=make_logger("predict"),
    )


@cache
def transport() -> Transport:
    """The connections to endpoints."""
    return Transport()


def _inference() -> HuggingFaceInference:
    secrets, name = SecretsManagerSecrets(), settings().huggingface_token_secret
    return HuggingFaceInference(
        endpoint_domain=settings().endpoint_domain,
        token=lambda: secrets.current(name),
        renewed_token=lambda: secrets.renewed(name),
        transport=transport(),
    )


def _gate() -> Gate:
    table = boto3.client("dynamodb", config=_IMPATIENT)
    metrics = make_metrics("predict")
    return Gate(
        DynamoConditions(table, settings().state_table_name),
        on_transition=Watch(
            logger=make_logger("predict"),
            count=lambda name: metrics.add_metric(name, MetricUnit.Count, 1),
            tell_reconciler=_tell_reconciler,
        ),
    )


def _tell_reconciler(model_id: str) -> None:
    client = boto3.client("lambda", config=_IMPATIENT)
    LambdaReconciliation(client, settings().reconcile_function).request(model_id)
