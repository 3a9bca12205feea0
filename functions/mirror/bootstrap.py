"""Puts the mirror function together, once per execution environment."""

from dataclasses import dataclass
from functools import cache

from functions.common import aws_clients
from functions.common.agreements.dynamodb import DynamoTallyStore
from functions.common.agreements.store import TallyStore
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.store import DeploymentStore
from functions.common.providers import registry as providers
from functions.common.providers.base import InferenceClient
from functions.common.secrets import SecretsManagerSecrets
from functions.common.signatures.check import InputValidator
from functions.mirror.call_comparison import CallComparison
from functions.mirror.settings import MirrorSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorPorts:
    """Everything outside the function."""

    deployments: DeploymentStore
    inference: InferenceClient
    tallies: TallyStore


def bootstrap(ports: MirrorPorts, settings: MirrorSettings) -> CallComparison:
    """Put the function together from *ports*."""
    return CallComparison(
        deployments=ports.deployments,
        inference=ports.inference,
        tallies=ports.tallies,
        tolerance=settings.agreement_tolerance,
        deadline_s=settings.prediction_deadline_s,
        validator=InputValidator(),
    )


def aws_ports(settings: MirrorSettings) -> MirrorPorts:
    """Return the adapters that the function has in AWS."""
    return MirrorPorts(
        deployments=DynamoDeploymentStore(aws_clients.deployments_table(), settings.table_name),
        inference=providers.provider(secrets=SecretsManagerSecrets()).inference(),
        tallies=DynamoTallyStore(aws_clients.shared_state(), settings.state_table_name),
    )


@cache
def call_comparison() -> CallComparison:
    """Return the function in AWS; its settings are read at the first call, never at import."""
    settings = MirrorSettings.from_env()
    return bootstrap(aws_ports(settings), settings)
