"""Records, registry listings and observed models: what the planner's tests start from."""

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
from functions.provision.reconciliation.observed import ObservedModel
from functions.provision.reconciliation.plan import Planner
from functions.provision.registry.base import ListedVersion, RegisteredModel
from tests.builders import NOON, a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.unit.provision.endpoints import with_endpoint

LATE = NOON + timedelta(days=10)
RETIRE_AFTER = timedelta(seconds=40)


def hours(count: float) -> datetime:
    """Return the time *count* hours after noon."""
    return NOON + timedelta(hours=count)


def registered(version: str) -> datetime:
    """Return when a version was registered: version 1 at noon, one more every hour."""
    return hours(int(version) - 1)


def listed(version: str, **changes: Any) -> ListedVersion:
    return ListedVersion(
        **{"version": version, "registered_at": registered(version), "tags": {}, **changes}
    )


def opted_out(version: str, tag: str = "false") -> ListedVersion:
    return listed(version, tags={"hokus.deploy": tag})


def a_model(*versions: ListedVersion | str, **aliases: str) -> RegisteredModel:
    """Return `iris` with *versions*; a string stands for a version without tags."""
    found = tuple(each if isinstance(each, ListedVersion) else listed(each) for each in versions)
    return RegisteredModel(name="iris", versions=found, aliases=aliases)


def requested(version: str, **changes: Any) -> Deployment:
    """Return a deployment that was requested when its version was registered."""
    return a_deployment(
        model_version=version,
        **{
            "requested_at": registered(version),
            "registered_at": registered(version),
            **changes,
        },
    )


def state_of(*deployments: Deployment, desired: DesiredDeployment | None = None) -> ModelState:
    """Return the model's records; *desired* is by default that of the newest request."""
    store = FakeDeploymentStore(*deployments)
    if desired is not None:
        store.desired_deployments["iris"] = desired
    return store.state("iris")


def as_desired(deployment: Deployment, **changes: Any) -> DesiredDeployment:
    return replace(DesiredDeployment.of(deployment), **changes)


def desired_nothing(**changes: Any) -> DesiredDeployment:
    """Return the desired deployment of a model that should serve nothing."""
    return DesiredDeployment(
        **{
            "model_id": "iris",
            "deployment_id": None,
            "model_version": None,
            "requested_at": hours(5),
            **changes,
        }
    )


def requested_by_operator(version: str | None, **changes: Any) -> DesiredDeployment:
    """Return an operator's desired version, requested at five; None: serve nothing."""
    named = {"deployment_id": f"of-{version}", "model_version": version} if version else {}
    return desired_nothing(origin=RequestedBy.OPERATOR, **named, **changes)


def an_observed_model(
    state: ModelState,
    model: RegisteredModel | None,
    *endpoints: Endpoint,
    running: Collection[str] = (),
    now: datetime = LATE,
) -> ObservedModel:
    """Return what a reconciliation observes, late enough that everything is due.

    *running* are the ARNs of running executions.
    """
    return ObservedModel(
        state=state,
        model=model,
        endpoints={each.name: each for each in endpoints},
        is_running=lambda arn: arn in running,
        now=now,
    )


def serving(version: str, **changes: Any) -> Deployment:
    """Return a live deployment of a version, with its endpoint's attributes."""
    return with_endpoint(requested(version, status=Status.DEPLOYED, **changes))


def planned(observed: ObservedModel, *, alias: str | None = None) -> list[Change]:
    planner = Planner(
        policy=DeployPolicy(alias),
        api_url="https://api.test",
        retire_after=RETIRE_AFTER,
        keep_records=timedelta(days=90),
    )
    return list(planner.changes(observed))


def descriptions(changes: Iterable[Change]) -> list[str]:
    """Return each change's name and detail."""
    return [f"{type(change).__name__} {change.detail}" for change in changes]
