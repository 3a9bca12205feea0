"""Puts the workflow's tasks and the reconciler together, once per execution environment."""

from dataclasses import replace
from datetime import timedelta
from functools import cache, partial

from functions.common import aws_clients
from functions.common.agreements.dynamodb import DynamoTallyStore
from functions.common.agreements.store import TallyStore
from functions.common.circuits.dynamodb import DynamoCircuitStateStore
from functions.common.circuits.store import CircuitStateStore
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.record import utc_now
from functions.common.deployments.requests import DeploymentRequests
from functions.common.deployments.workflow import StepFunctionsWorkflow, Workflow
from functions.common.endpoint_logs.kept import DynamoKeptLogs
from functions.common.ledger.dynamodb import DynamoLedger
from functions.common.outcomes.dynamodb import DynamoCallCountStore
from functions.common.outcomes.serving_state import ServingState
from functions.common.providers import registry as providers
from functions.common.secrets import Secrets, SecretsManagerSecrets
from functions.common.settings import SharedStateSettings
from functions.provision.announcements.announcer import Announcer
from functions.provision.announcements.budget_event import announce_budget
from functions.provision.announcements.publisher import EventBridgePublisher, EventPublisher
from functions.provision.log_keeper import LogKeeper
from functions.provision.metering.budget import MonthlyBudget
from functions.provision.metering.idleness import Idleness
from functions.provision.metering.meter import Meter
from functions.provision.metering.spending import SpendingWatch
from functions.provision.ports import ProvisionPorts
from functions.provision.reconciliation.change_maker import ChangeMaker
from functions.provision.reconciliation.observation import Observer
from functions.provision.reconciliation.plan import Planner
from functions.provision.reconciliation.reconciler import Reconciler
from functions.provision.reconciliation.take_down import TakeDown, registry_if_reachable
from functions.provision.registry.artifact_sources import ArtifactSources
from functions.provision.registry.base import ModelRegistry
from functions.provision.registry.credentials import Credentials
from functions.provision.removal import Removal
from functions.provision.settings import (
    ProvisionSettings,
    ReconcileSettings,
    RegistrySettings,
    WebhookSettings,
)
from functions.provision.tasks.workflow_tasks import WorkflowTasks
from functions.provision.webhook.base import WEBHOOK_PATH, RegistryWebhooks
from functions.provision.webhook.keeper import WebhookKeeper


def bootstrap(ports: ProvisionPorts, settings: ProvisionSettings) -> WorkflowTasks:
    """Put the workflow's tasks together from *ports*."""
    return WorkflowTasks(ports=ports, settings=settings)


def bootstrap_reconciler(
    ports: ProvisionPorts,
    workflow: Workflow,
    circuit_states: CircuitStateStore,
    events: EventPublisher,
    settings: ReconcileSettings,
) -> Reconciler:
    """Put the reconciler together from *ports*, *workflow*, *circuit_states* and *events*."""
    store, registry, control = ports.deployments, ports.registry(), ports.provider.control()
    watch = _spending_watch(ports, circuit_states, events, settings)
    maker = ChangeMaker(
        store=store,
        registry=registry,
        control=control,
        workflow=workflow,
        requests=DeploymentRequests(
            store, workflow, installation=settings.installation, now=ports.now
        ),
        removal=Removal(
            store=store,
            control=control,
            namespace=ports.provider.namespace,
            keep_log=LogKeeper(logs=ports.provider.logs(), kept=ports.kept_logs).keep,
        ),
        watch=watch,
    )
    return Reconciler(
        observer=Observer(
            store=store,
            registry=registry,
            control=control,
            workflow=workflow,
            installation=settings.installation,
            now=ports.now,
        ),
        installation=settings.installation,
        maker=maker,
        planner=Planner(
            policy=DeployPolicy.of(settings.deploy_alias),
            api_url=settings.api_url,
            retire_after=timedelta(seconds=settings.retire_after_s),
            keep_records=timedelta(days=settings.records_kept_days),
        ),
        watch=watch,
        announcer=Announcer(store=store, publisher=events, now=ports.now),
        now=ports.now,
    )


def _spending_watch(
    ports: ProvisionPorts,
    circuit_states: CircuitStateStore,
    events: EventPublisher,
    settings: ReconcileSettings,
) -> SpendingWatch:
    return SpendingWatch(
        meter=Meter(
            ledger=ports.ledger,
            store=ports.deployments,
            circuits=circuit_states,
            prices=ports.provider.prices(),
            now=ports.now,
        ),
        budget=MonthlyBudget(
            ledger=ports.ledger,
            usd=settings.monthly_budget_usd,
            now=ports.now,
            on_reached=partial(announce_budget, events, ports.now),
        ),
        idleness=Idleness(circuits=circuit_states, now=ports.now),
        action=settings.budget_action,
    )


def bootstrap_take_down(
    ports: ProvisionPorts,
    workflow: Workflow,
    circuit_states: CircuitStateStore,
    events: EventPublisher,
    settings: ReconcileSettings,
    *,
    webhook: WebhookKeeper,
) -> TakeDown:
    """Put together what takes the installation down."""
    registry = registry_if_reachable(ports.registry)
    reconciler = bootstrap_reconciler(
        replace(ports, registry=lambda: registry), workflow, circuit_states, events, settings
    )
    closing = replace(reconciler.planner, closing=True, retire_after=timedelta(0))
    return TakeDown(
        reconciler=replace(reconciler, planner=closing),
        webhook=webhook,
        control=ports.provider.control(),
        installation=settings.installation,
    )


def aws_ports(settings: ProvisionSettings) -> ProvisionPorts:
    """Return the adapters that the functions have in AWS."""
    held, table = SecretsManagerSecrets(), aws_clients.deployments_table_of_tasks()
    return ProvisionPorts(
        deployments=DynamoDeploymentStore(table, settings.table_name),
        ledger=DynamoLedger(table, settings.table_name),
        kept_logs=DynamoKeptLogs(table, settings.table_name),
        provider=providers.provider(secrets=held),
        registry=partial(_mlflow, held),
        tallies=_tallies,
        serving_state=_serving_state,
    )


def _serving_state() -> ServingState:
    table, client = SharedStateSettings.from_env().state_table_name, aws_clients.shared_state()
    return ServingState(
        circuits=DynamoCircuitStateStore(client, table),
        counts=DynamoCallCountStore(client, table),
    )


def _tallies() -> TallyStore:
    """Read a setting that only the functions that may read the table have."""
    settings = SharedStateSettings.from_env()
    return DynamoTallyStore(aws_clients.shared_state(), settings.state_table_name)


@cache
def workflow_tasks() -> WorkflowTasks:
    """Return the tasks in AWS; their settings are read at the first task, never at import."""
    settings = ProvisionSettings.from_env()
    return bootstrap(aws_ports(settings), settings)


def reconciler() -> Reconciler:
    """Return the reconciler in AWS, made anew for every reconciliation."""
    return bootstrap_reconciler(*reconciler_parts())


def take_down() -> TakeDown:
    """Return what takes the installation down in AWS."""
    return bootstrap_take_down(*reconciler_parts(), webhook=webhook_keeper())


@cache
def reconciler_parts() -> tuple[
    ProvisionPorts, Workflow, CircuitStateStore, EventPublisher, ReconcileSettings
]:
    """Return what the reconciler is made of in AWS."""
    settings = ReconcileSettings.from_env()
    workflow = StepFunctionsWorkflow(
        aws_clients.workflow_of_reconciler(), settings.state_machine_arn
    )
    circuit_states = DynamoCircuitStateStore(aws_clients.shared_state(), settings.state_table_name)
    events = EventBridgePublisher(
        aws_clients.events(),
        settings.event_bus,
        installation=settings.installation,
        environment=settings.environment,
    )
    return aws_ports(settings), workflow, circuit_states, events, settings


def webhook_keeper() -> WebhookKeeper:
    """Return the keeper of the webhook in AWS."""
    held, settings = SecretsManagerSecrets(), WebhookSettings.from_env()
    return WebhookKeeper(
        managed=settings.manage_webhook,
        webhooks=partial(_mlflow_webhooks, held),
        secret=partial(held.version, settings.webhook_secret),
        installation=settings.installation,
        url=f"{settings.api_url}{WEBHOOK_PATH}",
        now=utc_now,
    )


def _mlflow_webhooks(held: Secrets) -> RegistryWebhooks:
    """Import mlflow only where it is used: the bundles of most tasks do not hold it."""
    from functions.provision.registry.mlflow_registry import connect  # noqa: PLC0415 - see above
    from functions.provision.registry.mlflow_webhooks import MlflowWebhooks  # noqa: PLC0415

    settings = RegistrySettings.from_env()
    return MlflowWebhooks(connect(settings.mlflow_tracking_uri, _credentials(held, settings)))


def _mlflow(held: Secrets) -> ModelRegistry:
    """Import mlflow only where it is used: the bundles of most tasks do not hold it."""
    from functions.provision.registry.mlflow_registry import (  # noqa: PLC0415 - see above
        MlflowModelRegistry,
    )

    settings = RegistrySettings.from_env()
    credentials = _credentials(held, settings)
    sources = ArtifactSources(
        tracking_uri=settings.mlflow_tracking_uri, bucket=settings.artifact_bucket
    )
    return MlflowModelRegistry(settings.mlflow_tracking_uri, credentials, open_files=sources.open)


def _credentials(held: Secrets, settings: RegistrySettings) -> Credentials:
    """Raises: SecretUnavailableError."""
    name = settings.mlflow_credentials_secret
    return Credentials.from_secret(held.current(name), name=name)
