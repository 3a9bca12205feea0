"""What the descriptions are put together from, once per execution environment."""

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
    """Read at the first request, never at import."""
    return DescribeSettings.from_env()


@cache
def store() -> DeploymentStore:
    """Where deployments are looked up."""
    return DynamoDeploymentStore(aws_clients.deployments_table(), settings().table_name)


@cache
def listing() -> ModelListing:
    """Where models are listed."""
    return DynamoModelListing(aws_clients.deployments_table(), settings().table_name)


@cache
def circuits() -> CircuitStates:
    """Where the circuit breakers of deployments are seen."""
    return SharedCircuitStates(
        DynamoCircuitStateStore(aws_clients.shared_state(), settings().state_table_name)
    )
