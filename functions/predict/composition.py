"""What the predicting function is put together from, once per execution environment."""

from functools import cache
from typing import TYPE_CHECKING

from aws_lambda_powertools.metrics import MetricUnit

from functions.common import aws_clients
from functions.common.circuits.dynamodb import DynamoCircuitStateStore
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.reconciliation import LambdaReconciliation
from functions.common.observability import make_logger, make_metrics
from functions.common.providers import registry as providers
from functions.common.providers.base import InferenceClient
from functions.common.secrets import SecretsManagerSecrets
from functions.common.signatures.check import InputValidator
from functions.predict.live_deployments import LiveDeployments
from functions.predict.prediction import Predictor
from functions.predict.resilience.circuit_breaker import Gate
from functions.predict.resilience.circuit_events import Watch
from functions.predict.resilience.retrying_client import Calls
from functions.predict.settings import PredictSettings

if TYPE_CHECKING:
    from functions.predict.idempotency import Idempotency


@cache
def settings() -> PredictSettings:
    """Read at the first request, never at import."""
    return PredictSettings.from_env()


@cache
def predictor() -> Predictor:
    """Predicts with live deployments on their provider."""
    store = DynamoDeploymentStore(aws_clients.deployments_table(), settings().table_name)
    return Predictor(
        LiveDeployments(store, max_age_s=settings().lookup_max_age_s),
        InputValidator(),
        Calls(inference(), _gate()),
        deadline_s=settings().prediction_deadline_s,
    )


@cache
def idempotency() -> "Idempotency":
    """Where answers are kept for callers who ask for that; few do."""
    from functions.predict.idempotency import shared_idempotency  # noqa: PLC0415

    return shared_idempotency(
        aws_clients.shared_state(),
        settings().state_table_name,
        deadline_s=settings().prediction_deadline_s,
        logger=make_logger("predict"),
    )


@cache
def inference() -> InferenceClient:
    """Return the client of the endpoints, with its connections."""
    return providers.provider(secrets=SecretsManagerSecrets()).inference()


def _gate() -> Gate:
    table = aws_clients.shared_state()
    metrics = make_metrics("predict")
    return Gate(
        DynamoCircuitStateStore(table, settings().state_table_name),
        on_transition=Watch(
            logger=make_logger("predict"),
            count=lambda name: metrics.add_metric(name, MetricUnit.Count, 1),
            tell_reconciler=_tell_reconciler,
        ),
    )


def _tell_reconciler(model_id: str) -> None:
    client = aws_clients.functions()
    LambdaReconciliation(client, settings().reconcile_function).request(model_id)
