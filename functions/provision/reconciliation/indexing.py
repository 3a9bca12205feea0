"""Records that are older than the index which the reconciler reads. Pure."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from functions.common.deployments.store import ModelState
from functions.provision.reconciliation.changes import Index
from functions.provision.reconciliation.observed import ObservedModel
from functions.provision.reconciliation.settling import is_settled

INDEX_DELAY = timedelta(minutes=1)
"""An index is behind its table for less than a second."""


def unindexed(observed: ObservedModel, indexed: Mapping[str, ModelState]) -> Iterator[Index]:
    """Write again what the overview *indexed* should have shown of the model, and did not."""
    state = observed.state
    shown = indexed.get(state.model_id)
    ids = {each.id for each in shown.deployments} if shown else set()
    before = observed.now - INDEX_DELAY
    missing = tuple(
        each
        for each in state.deployments
        if each.id not in ids
        and not each.expiration
        and each.updated_at <= before
        and not is_settled(each, state)
    )
    desired = state.desired
    deployment = observed.desired_deployment
    is_new = (desired and desired.requested_at > before) or (
        # A renamed model has its request of long ago.
        deployment and deployment.updated_at > before
    )
    if shown or is_new:
        desired = None
    if missing or desired:
        yield Index(deployments=missing, desired=desired)
