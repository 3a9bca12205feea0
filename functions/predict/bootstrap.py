"""Puts the predict function together, once per execution environment."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from functions.common import aws_clients, aws_session
from functions.common.circuits.dynamodb import DynamoCircuitStateStore
from functions.common.circuits.store import CircuitStateStore
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.reconciliation import LambdaReconciliation
from functions.common.deployments.store import DeploymentStore
from functions.common.emf import count
from functions.common.observability import make_logger
from functions.common.outcomes.dynamodb import DynamoCallCountStore
from functions.common.outcomes.store import CallCountStore
from functions.common.providers import registry as providers
from functions.common.providers.base import InferenceClient
from functions.common.secrets import SecretsManagerSecrets
from functions.common.settings import MetricsSettings
from functions.common.signatures.check import InputValidator
from functions.predict.idempotency.dynamodb import DynamoLeaseStore
from functions.predict.idempotency.idempotency import Idempotency
from functions.predict.idempotency.leases import LeaseStore
from functions.predict.live_deployments import LiveDeployments
from functions.predict.outcomes import OutcomeCounter
from functions.predict.prediction import BeginCopy, Predictor
from functions.predict.resilience.circuit_breaker import CircuitBreaker
from functions.predict.resilience.circuit_events import CircuitEvents
from functions.predict.resilience.dynamodb_wait_counts import DynamoWaitCounts
from functions.predict.resilience.retrying_client import RetryingClient
from functions.predict.resilience.wait_limit import WaitCounts, WaitLimit
from functions.predict.settings import PredictSettings

if TYPE_CHECKING:
    from functions.predict.mirroring.copies import Copies, EventSender


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictPorts:
    """Everything outside the function.

    Attributes:
        request_reconciliation: Gets the name of a model that the reconciler must look at.
        make_mirror: Makes what sends calls to be compared; None: none are.
    """

    deployments: DeploymentStore
    inference: InferenceClient
    circuit_states: CircuitStateStore
    leases: LeaseStore
    wait_counts: WaitCounts
    call_counts: CallCountStore
    request_reconciliation: Callable[[str], None]
    make_mirror: "Callable[[], EventSender] | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictFunction:
    """The function's parts that its handler uses; *deadline_s* is for a whole prediction."""

    predictor: Predictor
    idempotency: Idempotency
    wait_limit: WaitLimit
    deadline_s: float


def bootstrap(
    ports: PredictPorts,
    settings: PredictSettings,
    *,
    logger: Logger,
    metrics_per_model: bool = True,
) -> PredictFunction:
    """Put the function together from *ports*; *metrics_per_model*: see `MetricsSettings`."""
    events = CircuitEvents(
        logger=logger,
        count=partial(count, logger.service),
        notify_reconciler=ports.request_reconciliation,
    )
    breaker = CircuitBreaker(ports.circuit_states, on_transition=events)
    return PredictFunction(
        predictor=Predictor(
            LiveDeployments(ports.deployments, max_age_s=settings.lookup_max_age_s),
            InputValidator(),
            RetryingClient(ports.inference, breaker),
            OutcomeCounter(ports.call_counts, window_s=settings.counted_window_s),
            begin_copy=_copying(ports),
            metrics_per_model=metrics_per_model,
        ),
        idempotency=Idempotency(ports.leases, logger),
        wait_limit=WaitLimit(ports.wait_counts, most=settings.max_waiting_calls),
        deadline_s=settings.prediction_deadline_s,
    )


def aws_ports(settings: PredictSettings) -> PredictPorts:
    """Return the adapters that the function has in AWS."""
    state, state_table = aws_clients.shared_state(), settings.state_table_name
    return PredictPorts(
        deployments=DynamoDeploymentStore(aws_clients.deployments_table(), settings.table_name),
        inference=providers.provider(secrets=SecretsManagerSecrets()).inference(),
        circuit_states=DynamoCircuitStateStore(state, state_table),
        leases=DynamoLeaseStore(state, state_table),
        wait_counts=DynamoWaitCounts(state, state_table),
        call_counts=DynamoCallCountStore(state, state_table),
        request_reconciliation=partial(_request_reconciliation, settings.reconcile_function),
        make_mirror=partial(_mirror, settings) if settings.mirror_function else None,
    )


def _copying(ports: PredictPorts) -> BeginCopy:
    """Import what copies calls only while a candidate is compared, which is rare."""

    @cache
    def copies() -> "Copies":
        from functions.predict.mirroring.copies import Copies  # noqa: PLC0415 - see above

        return Copies(ports.make_mirror)

    return lambda live: copies().begin(live)


def _mirror(settings: PredictSettings) -> "EventSender":
    """As `_copying`."""
    from functions.predict.mirroring.lambda_events import LambdaEvents  # noqa: PLC0415 - see above

    return LambdaEvents(
        settings.mirror_function,
        aws_session.frozen_credentials,
        endpoint_url=settings.aws_endpoint_url,
    )


def _request_reconciliation(function_name: str, model_id: str) -> None:
    """Make the client only when it is needed, which is rare."""
    LambdaReconciliation(aws_clients.functions(), function_name).request(model_id)


@cache
def predict_function() -> PredictFunction:
    """Return the function in AWS; its settings are read at the first request, never at import."""
    settings = PredictSettings.from_env()
    return bootstrap(
        aws_ports(settings),
        settings,
        logger=make_logger("predict"),
        metrics_per_model=MetricsSettings.from_env().metrics_per_model,
    )
