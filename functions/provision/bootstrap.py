"""Puts the workflow's tasks and the reconciler together, once per execution environment."""

from datetime import timedelta
from functools import cache, partial

from functions.common import aws_clients
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.requests import DeploymentRequests
from functions.common.deployments.workflow import StepFunctionsWorkflow, Workflow
from functions.common.providers import registry as providers
from functions.common.secrets import Secrets, SecretsManagerSecrets
from functions.provision.ports import ProvisionPorts
from functions.provision.reconciliation.change_maker import ChangeMaker
from functions.provision.reconciliation.observation import Observer
from functions.provision.reconciliation.plan import Planner
from functions.provision.reconciliation.reconciler import Reconciler
from functions.provision.registry.artifact_sources import ArtifactSources
from functions.provision.registry.base import ModelRegistry
from functions.provision.registry.credentials import Credentials
from functions.provision.removal import Removal
from functions.provision.settings import ProvisionSettings, ReconcileSettings, RegistrySettings
from functions.provision.tasks.workflow_tasks import WorkflowTasks


def bootstrap(ports: ProvisionPorts, settings: ProvisionSettings) -> WorkflowTasks:
    """Put the workflow's tasks together from *ports*."""
    return WorkflowTasks(ports=ports, settings=settings)


def bootstrap_reconciler(
    ports: ProvisionPorts, workflow: Workflow, settings: ReconcileSettings
) -> Reconciler:
    """Put the reconciler together from *ports* and *workflow*."""
    store, registry, control = ports.deployments, ports.registry(), ports.provider.control()
    maker = ChangeMaker(
        store=store,
        registry=registry,
        control=control,
        workflow=workflow,
        requests=DeploymentRequests(
            store, workflow, installation=settings.installation, now=ports.now
        ),
        removal=Removal(store=store, control=control, namespace=ports.provider.namespace),
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
        maker=maker,
        planner=Planner(
            policy=DeployPolicy.of(settings.deploy_alias),
            api_url=settings.api_url,
            retire_after=timedelta(seconds=settings.retire_after_s),
            keep_records=timedelta(days=settings.records_kept_days),
        ),
        now=ports.now,
    )


def aws_ports(settings: ProvisionSettings) -> ProvisionPorts:
    """Return the adapters that the functions have in AWS."""
    held = SecretsManagerSecrets()
    return ProvisionPorts(
        deployments=DynamoDeploymentStore(
            aws_clients.deployments_table_of_tasks(), settings.table_name
        ),
        provider=providers.provider(secrets=held),
        registry=partial(_mlflow, held),
    )


@cache
def workflow_tasks() -> WorkflowTasks:
    """Return the tasks in AWS; their settings are read at the first task, never at import."""
    settings = ProvisionSettings.from_env()
    return bootstrap(aws_ports(settings), settings)


def reconciler() -> Reconciler:
    """Return the reconciler in AWS, made anew for every reconciliation."""
    ports, workflow, settings = reconciler_parts()
    return bootstrap_reconciler(ports, workflow, settings)


@cache
def reconciler_parts() -> tuple[ProvisionPorts, Workflow, ReconcileSettings]:
    """Return what the reconciler is made of in AWS."""
    settings = ReconcileSettings.from_env()
    workflow = StepFunctionsWorkflow(
        aws_clients.workflow_of_reconciler(), settings.state_machine_arn
    )
    return aws_ports(settings), workflow, settings


def _mlflow(held: Secrets) -> ModelRegistry:
    """Import mlflow only where it is used: the bundles of most tasks do not hold it."""
    from functions.provision.registry.mlflow_registry import (  # noqa: PLC0415 - see above
        MlflowModelRegistry,
    )

    settings = RegistrySettings.from_env()
    name = settings.mlflow_credentials_secret
    credentials = Credentials.from_secret(held.current(name), name=name)
    sources = ArtifactSources(
        tracking_uri=settings.mlflow_tracking_uri, bucket=settings.artifact_bucket
    )
    return MlflowModelRegistry(settings.mlflow_tracking_uri, credentials, open_files=sources.open)
