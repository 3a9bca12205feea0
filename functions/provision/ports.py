"""Ports of the workflow's tasks and of the reconciler."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from functions.common.agreements.store import TallyStore
from functions.common.deployments.record import utc_now
from functions.common.deployments.store import DeploymentStore
from functions.common.endpoint_logs.kept import KeptLogs
from functions.common.ledger.store import Ledger
from functions.common.outcomes.serving_state import ServingState
from functions.common.providers.provider import Provider
from functions.provision.registry.base import ModelRegistry


def new_endpoint_secret() -> str:
    """Return a secret of 32 random bytes, as text for a header."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionPorts:
    """Everything outside the workflow's tasks and the reconciler.

    Attributes:
        registry: Makes the registry. It is made anew for every task and reconciliation, so that
            rotated credentials are used.
        tallies: Makes the counts of compared calls, which one task has.
        serving_state: Makes what predictions share, which of the tasks `bake` alone may read.
        new_secret: Makes the secret of an endpoint.
    """

    deployments: DeploymentStore
    ledger: Ledger
    kept_logs: KeptLogs
    provider: Provider
    registry: Callable[[], ModelRegistry]
    tallies: Callable[[], TallyStore]
    serving_state: Callable[[], ServingState]
    new_secret: Callable[[], str] = new_endpoint_secret
    now: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = time.sleep
