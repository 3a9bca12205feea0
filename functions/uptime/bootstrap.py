"""Puts the uptime function together, once per execution environment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

from functions.common import aws_clients
from functions.common.circuits.dynamodb import DynamoCircuitStateStore
from functions.common.circuits.store import CircuitStateStore
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.dynamodb_listing import DynamoModelListing
from functions.common.deployments.listing import ModelListing
from functions.common.deployments.record import utc_now
from functions.common.deployments.store import DeploymentStore
from functions.common.ledger.dynamodb import DynamoLedger
from functions.common.ledger.store import Ledger
from functions.common.secrets import Secrets, SecretsManagerSecrets, read_for_header
from functions.uptime.api import PredictionApi
from functions.uptime.candidates import Candidates
from functions.uptime.check_line import write_line
from functions.uptime.http_api import HttpPredictionApi
from functions.uptime.run import UptimeRun
from functions.uptime.settings import UptimeSettings

LONGEST_S = 180
"""The function's time is 240 s, and the longest check takes half a minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UptimePorts:
    """Everything outside the function."""

    listing: ModelListing
    deployments: DeploymentStore
    circuits: CircuitStateStore
    ledger: Ledger
    api: PredictionApi
    secrets: Secrets
    now: Callable[[], datetime] = utc_now


@dataclass(frozen=True, slots=True, kw_only=True)
class UptimeFunction:
    """The function's parts that its handler uses.

    Attributes:
        key: Returns the API key. Raises: SecretUnavailableError, SecretNotSetError.
    """

    run: UptimeRun
    key: Callable[[], str]


def bootstrap(ports: UptimePorts, settings: UptimeSettings) -> UptimeFunction:
    """Put the function together from *ports*."""
    candidates = Candidates(
        listing=ports.listing,
        deployments=ports.deployments,
        circuits=ports.circuits,
        ledger=ports.ledger,
        budget_usd=settings.monthly_budget_usd,
        budget_action=settings.budget_action,
        now=ports.now,
    )
    return UptimeFunction(
        run=UptimeRun(
            candidates=candidates,
            api=ports.api,
            note=partial(write_line, per_model=settings.available_per_model),
            longest_s=LONGEST_S,
            tolerance=settings.answer_tolerance,
        ),
        key=partial(read_for_header, ports.secrets.current, settings.uptime_api_key_secret),
    )


def aws_ports(settings: UptimeSettings) -> UptimePorts:
    """Return the adapters that the function has in AWS."""
    table = aws_clients.deployments_table()
    return UptimePorts(
        listing=DynamoModelListing(table, settings.table_name),
        deployments=DynamoDeploymentStore(table, settings.table_name),
        circuits=DynamoCircuitStateStore(aws_clients.shared_state(), settings.state_table_name),
        ledger=DynamoLedger(table, settings.table_name),
        api=HttpPredictionApi(settings.api_url),
        secrets=SecretsManagerSecrets(),
    )


@cache
def uptime_function() -> UptimeFunction:
    """Return the function in AWS; its settings are read at the first run, never at import."""
    settings = UptimeSettings.from_env()
    return bootstrap(aws_ports(settings), settings)
