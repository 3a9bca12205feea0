"""Models and their records as a reconciliation finds them."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.record import Deployment, RequestedBy, Status
from functions.common.deployments.store import ModelState
from functions.common.providers.base import Endpoint
from functions.provision.reconciliation.changes import Change
from functions.provision.reconciliation.plan import ObservedModel, Planner
from functions.provision.registry.base import ListedVersion, RegisteredModel
from tests.builders import NOON, a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.unit.provision.endpoints import with_endpoint

LATE = NOON + timedelta(days=10)
RETIRE_AFTER = timedelta(seconds=40)


def hours(count: float) -> datetime:
    """So many hours after noon."""
    return NOON + timedelta(hours=count)


def registered(version: str) -> datetime:
    """Version 1 at noon, and another one every hour."""
    return hours(int(version) - 1)


def listed(version: str, **changes: Any) -> ListedVersion:
    return ListedVersion(
        **{"version": version, "registered_at": registered(version), "tags": {}, **changes}
    )


def opted_out(version: str, tag: str = "false") -> ListedVersion:
    return listed(version, tags={"hokus.deploy": tag})


def a_model(*versions: ListedVersion | str, **aliases: str) -> RegisteredModel:
    """`iris` with *versions*, a bare number being an ordinary one."""
    found = tuple(each if isinstance(each, ListedVersion) else listed(each) for each in versions)
    return RegisteredModel(name="iris", versions=found, aliases=aliases)


def requested(version: str, **changes: Any) -> Deployment:
    """A deployment that was requested when its version was registered, and validated since."""
    return a_deployment(
        model_version=version,
        **{
            "requested_at": registered(version),
            "registered_at": registered(version),
            **changes,
        },
    )


def state_of(*deployments: Deployment, desired: DesiredDeployment | None = None) -> ModelState:
    """The records; the desired is the newest request, unless told otherwise."""
    store = FakeDeploymentStore(*deployments)
    if desired is not None:
        store.desired_deployments["iris"] = desired
    return store.state("iris")


def as_desired(deployment: Deployment, **changes: Any) -> DesiredDeployment:
    return replace(DesiredDeployment.of(deployment), **changes)


def nothing(**changes: Any) -> DesiredDeployment:
    """The model is meant to serve nothing."""
    return DesiredDeployment(
        **{
            "model_id": "iris",
            "deployment_id": None,
            "model_version": None,
            "requested_at": hours(5),
            **changes,
        }
    )


def said_by_operator(version: str | None, **changes: Any) -> DesiredDeployment:
    """At five, that this version is to serve; None: that nothing is."""
    named = {"deployment_id": f"of-{version}", "model_version": version} if version else {}
    return nothing(origin=RequestedBy.OPERATOR, **named, **changes)


def a_view(
    state: ModelState,
    model: RegisteredModel | None,
    *endpoints: Endpoint,
    running: Collection[str] = (),
    now: datetime = LATE,
) -> ObservedModel:
    """What a reconciliation sees, late enough for everything to be due; *running* are ARNs."""
    return ObservedModel(
        state=state,
        model=model,
        endpoints={each.name: each for each in endpoints},
        is_running=lambda arn: arn in running,
        now=now,
    )


def serving(version: str, **changes: Any) -> Deployment:
    """A live deployment of a version, with what is known of its endpoint."""
    return with_endpoint(requested(version, status=Status.DEPLOYED, **changes))


def planned(observed: ObservedModel, *, alias: str | None = None) -> list[Change]:
    planner = Planner(
        policy=DeployPolicy(alias), api_url="https://api.test", retire_after=RETIRE_AFTER
    )
    return list(planner.changes(observed))


def told(changes: Iterable[Change]) -> list[str]:
    """Each change's name and what it says of itself."""
    return [f"{type(change).__name__} {change.detail}" for change in changes]
