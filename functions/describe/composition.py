"""The parts of the describe function, made once per execution environment."""

from functools import cache

from functions.common import aws_clients
from functions.common.circuits.dynamodb import DynamoCircuitStateStore
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.dynamodb_listing import DynamoModelListing
from functions.common.deployments.listing import ModelListing
from functions.common.deployments.store import DeploymentStore
from functions.describe.circuits import CircuitStates, SharedCircuitStates
from functions.describe.settings import DescribeSettings


@cache
def settings() -> DescribeSettings:
    """Return the settings, read from the environment at the first request."""
    return DescribeSettings.from_env()


@cache
def store() -> DeploymentStore:
    """Return the store of deployments."""
    return DynamoDeploymentStore(aws_clients.deployments_table(), settings().table_name)


@cache
def listing() -> ModelListing:
    """Return the listing of models."""
    return DynamoModelListing(aws_clients.deployments_table(), settings().table_name)


@cache
def circuits() -> CircuitStates:
    """Return the circuit breakers of deployments."""
    return SharedCircuitStates(
        DynamoCircuitStateStore(aws_clients.shared_state(), settings().state_table_name)
    )
