"""Which model an endpoint's cost is of, by the records. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import ModelState


@dataclass(frozen=True, slots=True)
class Owner:
    """The model that an endpoint belongs to.

    Attributes:
        deployment: That names the endpoint; None for a record that cannot be read.
    """

    model_id: str
    deployment: Deployment | None


def owners(states: Iterable[ModelState]) -> Mapping[str, Owner]:
    """Return the owner of each endpoint by its name; a deployment that has handed it on is none."""
    found: dict[str, Owner] = {}
    for state in states:
        for record in state.unreadable:
            if record.endpoint_name:
                found[record.endpoint_name] = Owner(state.model_id, None)
        for deployment in reversed(state.deployments):
            name = deployment.endpoint.name
            if name and not deployment.endpoint.handed_to:
                found[name] = Owner(state.model_id, deployment)
    return found


def by_model(endpoints: Iterable[str], owned: Mapping[str, Owner]) -> Mapping[str, Sequence[str]]:
    """Return the *endpoints* that have an owner, by its model."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in endpoints:
        if name in owned:
            found[owned[name].model_id].append(name)
    return found


def has_come_and_gone(deployment: Deployment) -> bool:
    """Return whether the deployment has ended and its endpoint, if there was one, is deleted."""
    endpoint = deployment.endpoint
    ended = deployment.status in {Status.STOPPED, Status.FAILED}
    return ended and endpoint.removed and not endpoint.handed_to
