"""Changes of records that the store makes in one transaction. Pure."""

from dataclasses import replace
from datetime import datetime

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import ACTIVATED, Deployment, RequestedBy, Status


def activated(deployment: Deployment, *, replacing: Deployment | None, at: datetime) -> Deployment:
    """Return *deployment* as the live one, after *replacing*, its step `activate` done."""
    replaced_id = replacing.id if replacing else None
    return replace(
        deployment,
        status=Status.DEPLOYED,
        replaced_id=replaced_id,
        timeline=deployment.timeline_with("activate", ACTIVATED, at=at),
    )


def stopped(deployment: Deployment, *, reason: str) -> Deployment:
    """Return *deployment* as one that does not serve any more."""
    return replace(deployment, status=Status.STOPPED, reason=reason)


def replaced(deployment: Deployment, *, by: Deployment) -> Deployment:
    """Return *deployment* as stopped because another one serves now."""
    return stopped(deployment, reason=f"Replaced by version {by.model_version}.")


def taken_back(live: Deployment, *, reason: str, at: datetime) -> Deployment:
    """Return *live* as failed for good, for *reason*: only a person has it tried again."""
    return replace(
        live,
        status=Status.FAILED,
        reason=reason,
        retryable=False,
        timeline=live.timeline_with("bake", "taken back", at=at),
    )


def serving_again(
    earlier: Deployment, *, after: Deployment, reason: str, at: datetime
) -> Deployment:
    """Return *earlier*, which *after* had replaced, as the live one.

    Its return is announced with the end of *after*, so that nothing is left to say of it.
    """
    entry = f"serves again, in place of version {after.model_version}"
    return replace(
        earlier,
        status=Status.DEPLOYED,
        reason=reason,
        announced=earlier.announced and Status.DEPLOYED,
        timeline=earlier.timeline_with("take_back", entry, at=at),
    )


def endpoint_given(earlier: Deployment, to: Deployment) -> Deployment:
    """Return *earlier* with its endpoint marked as handed to the deployment *to*."""
    return replace(earlier, endpoint=replace(earlier.endpoint, handed_to=to.id))


def endpoint_received(to: Deployment, earlier: Deployment) -> Deployment:
    """Return *to* with the endpoint of *earlier* and the package that it serves."""
    endpoint = replace(earlier.endpoint, adopted_from=earlier.endpoint_deployment_id)
    return replace(to, endpoint=endpoint, package=earlier.package)


def renamed(live: Deployment, *, to: Deployment) -> Deployment:
    """Return *live* as stopped, its endpoint handed to *to*, the deployment of its new name."""
    reason = f"Renamed to `{to.model_id}` in MLflow."
    return endpoint_given(stopped(live, reason=reason), to)


def desired_after_move(to: Deployment, left: DesiredDeployment | None) -> DesiredDeployment:
    """Return *to* as the desired deployment; *left* stood under the name before, and goes on if it
    is of the same version."""
    if left and left.model_version == to.model_version:
        return replace(left, model_id=to.model_id, deployment_id=to.id)
    return DesiredDeployment.of(to, registry_version=left.registry_version if left else None)


def nothing_desired(desired: DesiredDeployment) -> DesiredDeployment:
    """Return what replaces *desired* where the registry asks for nothing any more."""
    return replace(
        desired,
        deployment_id=None,
        model_version=None,
        origin=RequestedBy.REGISTRY,
        user_id=None,
    )
