"""Port: where deployments are kept."""

from typing import Any, Protocol

from functions.common.deployments.record import Deployment


class DeploymentChangedError(Exception):
    """Somebody else moved the deployment's status; read it again and decide anew."""


class SupersededError(Exception):
    """A newer wish is already live; this deployment must not replace it."""


class DeploymentStore(Protocol):
    """Deployments by model, and which of them is live."""

    def add(self, deployment: Deployment) -> bool:
        """Keep a new deployment; False, and nothing written, when its id is already there."""
        ...

    def get(self, model_id: str, deployment_id: str) -> Deployment | None:
        """The deployment, read consistently; None when there is none."""
        ...

    def live(self, model_id: str) -> Deployment | None:
        """The deployment that serves *model_id*, complete; None when nothing does."""
        ...

    def of_model(self, model_id: str) -> list[Deployment]:
        """Every deployment of *model_id*, the newest wish first."""
        ...

    def update(self, deployment: Deployment, **changes: Any) -> Deployment:
        """Write *changes* and `updated_at`; return the deployment with them.

        Raises: DeploymentChangedError (its status is no longer `deployment.status`).
        """
        ...

    def activate(self, deployment: Deployment) -> Deployment:
        """Make *deployment* the live one, in one transaction with both deployments' statuses.

        The one that was live, if any, becomes `stopped` and is named by `replaced_id` of what is
        returned. Activating what is live already changes nothing and returns the same.

        Raises: SupersededError (a newer wish is live), DeploymentChangedError (not `deploying`).
        """
        ...
