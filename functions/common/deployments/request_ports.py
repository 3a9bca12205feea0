"""Ports of the functions that submit requests to deploy."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from functions.common.deployments.reconciliation import Reconciliation
from functions.common.deployments.record import utc_now
from functions.common.deployments.requests import DeploymentRequests
from functions.common.deployments.store import DeploymentStore
from functions.common.deployments.workflow import Workflow


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPorts:
    """Everything outside such a function, but for the secrets that its callers are checked by."""

    deployments: DeploymentStore
    workflow: Workflow
    reconciliation: Reconciliation
    now: Callable[[], datetime] = utc_now

    def requests(self, installation: str) -> DeploymentRequests:
        """Return what takes requests to deploy in *installation*."""
        return DeploymentRequests(
            self.deployments, self.workflow, installation=installation, now=self.now
        )
