"""What the descriptions are put together from, once per execution environment."""

from functools import cache

import boto3
from botocore.config import Config

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.dynamodb_listing import DynamoModelListing
from functions.common.deployments.listing import ModelListing
from functions.common.deployments.store import DeploymentStore
from functions.predict.availability.dynamodb_conditions import DynamoConditions
from functions.predict.description.circuits import CircuitStates, SharedCircuitStates
from functions.predict.settings import DescribeSettings

_IMPATIENT = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1})
"""A circuit's state is worth no waiting."""


@cache
def settings() -> DescribeSettings:
    """Read at the first request, never at import."""
    return DescribeSettings.from_env()


@cache
def store() -> DeploymentStore:
    """Where deployments are looked up."""
    return DynamoDeploymentStore(boto3.client("dynamodb"), settings().table_name)


@cache
def listing() -> ModelListing:
    """Where models are listed."""
    return DynamoModelListing(boto3.client("dynamodb"), settings().table_name)


@cache
def circuits() -> CircuitStates:
    """Where the circuit breakers of deployments are seen."""
    table = boto3.client("dynamodb", config=_IMPATIENT)
    return SharedCircuitStates(DynamoConditions(table, settings().state_table_name))
