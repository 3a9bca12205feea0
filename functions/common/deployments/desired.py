"""The desired deployment of a model: one per model; the newest request wins.

A deployment goes on only while it is the desired one. A newer request, an undeployment or a
deletion in the registry stops whatever was on its way before.
"""

from dataclasses import dataclass
from datetime import datetime

from functions.common.deployments.record import Deployment, Moment, RequestedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class DesiredDeployment:
    """The deployment that a model should serve, or that it should serve none.

    Attributes:
        deployment_id, model_version: Both None: the model should serve nothing.
        requested_at: The request's own time; older requests do not change it any more.
        user_id: The operator who requested it; None for the registry.
        origin: Who requested it. An operator's request holds until the registry has a newer one.
        registry_version: The version that the registry's alias named when the reconciler last
            looked, empty for none; None where no alias decides, or when the reconciler has not
            looked since an operator's request. When it changes, the registry has a newer request.
    """

    model_id: str
    deployment_id: str | None = None
    model_version: str | None = None
    requested_at: Moment
    origin: RequestedBy = RequestedBy.REGISTRY
    user_id: str | None = None
    registry_version: str | None = None

    @classmethod
    def of(
        cls, deployment: Deployment, *, registry_version: str | None = None
    ) -> "DesiredDeployment":
        """Make *deployment* the desired one."""
        return cls(
            model_id=deployment.model_id,
            deployment_id=deployment.id,
            model_version=deployment.model_version,
            requested_at=deployment.requested_at,
            origin=deployment.origin,
            user_id=deployment.user_id,
            registry_version=registry_version,
        )

    def is_newer_than(self, other: "DesiredDeployment | None") -> bool:
        """Return whether this request wins over *other*; of two at one time one always does."""
        return other is None or _rank(self) > _rank(other)


def _rank(desired: DesiredDeployment) -> tuple[datetime, str]:
    return (desired.requested_at, desired.deployment_id or "")
