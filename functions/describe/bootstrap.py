"""Puts the describe function together, once per execution environment."""

from dataclasses import dataclass
from functools import cache

from functions.common import aws_clients
from functions.common.circuits.dynamodb import DynamoCircuitStateStore
from functions.common.circuits.store import CircuitStateStore
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.dynamodb_history import DynamoDeploymentHistory
from functions.common.deployments.dynamodb_listing import DynamoModelListing
from functions.common.deployments.history import DeploymentHistory
from functions.common.deployments.listing import ModelListing
from functions.common.deployments.store import DeploymentStore
from functions.common.ledger.dynamodb import DynamoLedger
from functions.common.ledger.store import Ledger
from functions.common.usage.dynamodb import DynamoUsageStore
from functions.common.usage.store import UsageStore
from functions.describe.circuits import Circuits
from functions.describe.costs import Costs
from functions.describe.described_models import DescribedModels
from functions.describe.monthly_predictions import MonthlyPredictions
from functions.describe.settings import DescribeSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribePorts:
    """Everything outside the function."""

    deployments: DeploymentStore
    history: DeploymentHistory
    listing: ModelListing
    circuit_states: CircuitStateStore
    ledger: Ledger
    usage: UsageStore


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribeFunction:
    """The function's parts that its handler uses."""

    models: DescribedModels
    listing: ModelListing
    circuits: Circuits
    costs: Costs
    api_url: str


def bootstrap(ports: DescribePorts, settings: DescribeSettings) -> DescribeFunction:
    """Put the function together from *ports*."""
    return DescribeFunction(
        models=DescribedModels(ports.deployments, ports.history),
        listing=ports.listing,
        circuits=Circuits(ports.circuit_states),
        costs=Costs(ports.ledger, predictions=MonthlyPredictions(ports.usage).count),
        api_url=settings.api_url,
    )


def aws_ports(settings: DescribeSettings) -> DescribePorts:
    """Return the adapters that the function has in AWS."""
    table = aws_clients.deployments_table()
    return DescribePorts(
        deployments=DynamoDeploymentStore(table, settings.table_name),
        history=DynamoDeploymentHistory(table, settings.table_name),
        listing=DynamoModelListing(table, settings.table_name),
        ledger=DynamoLedger(table, settings.table_name),
        usage=DynamoUsageStore(table, settings.table_name),
        circuit_states=DynamoCircuitStateStore(
            aws_clients.shared_state(), settings.state_table_name
        ),
    )


@cache
def describe_function() -> DescribeFunction:
    """Return the function in AWS; its settings are read at the first request, never at import."""
    settings = DescribeSettings.from_env()
    return bootstrap(aws_ports(settings), settings)
