"""Which records of ended deployments nothing depends on any more. Pure."""

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import ModelState
from functions.provision.announcements.due import is_due


def is_settled(deployment: Deployment, state: ModelState) -> bool:
    """Return whether nothing will ever be decided by the record of *deployment*.

    It has ended, which has been announced, and has nothing left at the provider, so its endpoint
    cannot be reused. A failure counts as long as its version would be tried again without it:
    while its model is meant to serve, nothing newer than it serves, and its version has no later
    deployment.
    """
    left = not (deployment.endpoint.removed or deployment.endpoint.handed_to)
    if left or is_due(deployment) or deployment.status not in {Status.STOPPED, Status.FAILED}:
        return False
    desired_id = state.desired.deployment_id if state.desired else None
    if deployment.id == desired_id:
        return False
    if deployment.status is Status.STOPPED or desired_id is None:
        return True
    live = state.live
    if live and deployment.requested_at <= live.requested_at:
        return True
    return deployment.id != _newest_of_version(deployment, state).id


def _newest_of_version(deployment: Deployment, state: ModelState) -> Deployment:
    same = (each for each in state.deployments if each.model_version == deployment.model_version)
    return next(same, deployment)
