"""Validation of a version that would break callers of the live one."""

from datetime import timedelta
from typing import Any

import pytest

from functions.common.deployments.policy import BreakingChanges
from functions.common.deployments.record import (
    Deployment,
    RequestedBy,
    Status,
    TimelineEntry,
)
from functions.provision.compatibility.breaking_changes import MAX_CHANGES
from tests.builders import NOON, a_deployment, changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_registry import FakeModelRegistry, a_version
from tests.unit.provision.endpoints import endpoint_of, with_endpoint
from tests.unit.provision.tasks.validating import LATER, validate

A, B = ({"type": "double", "name": name, "required": True} for name in "ab")
OPTIONAL = {"type": "double", "name": "c", "required": False}
LIVE = a_deployment(
    status=Status.DEPLOYED, registered_at=NOON, input_schema=[A, B], output_schema=[A]
)
SECOND = a_deployment(status=Status.PENDING, model_version="2", requested_at=LATER)
REASON = (
    "It would break callers of version 1, which is live. The column `b` is gone: what callers send "
    "for it is ignored. To replace it all the same, set the tag hokus.breaking=allowed and deploy "
    'the version again, or deploy it with "allow_breaking": true.'
)


def second(**changes: Any) -> Any:
    """Return version 2, which lacks the column `b`."""
    defaults = {"version": "2", "registered_at": LATER, "inputs": [A], "outputs": [A]}
    return a_version(**(defaults | changes))


def first(**changes: Any) -> Any:
    return a_version(**({"inputs": [A, B], "outputs": [A]} | changes))


def test_it_fails_for_good_with_the_list() -> None:
    """Its record holds what MLflow's tags and the reconciler need to know it by."""
    store = FakeDeploymentStore(LIVE, SECOND)

    outcome = validate(FakeModelRegistry(first(), second()), store, deployment=SECOND)

    assert ("failed", REASON, False) == (outcome.name, outcome.reason, outcome.retryable)
    assert LATER == store.deployments[SECOND.id].registered_at
    found = outcome.compared
    assert found
    assert ("1", [("b", True)]) == (
        found.version,
        [(each.place, each.breaking) for each in found.changes],
    )


def test_what_breaks_nobody_is_shown_and_goes_on() -> None:
    """The outcome has it, for the timeline."""
    store = FakeDeploymentStore(LIVE, SECOND)
    registry = FakeModelRegistry(first(), second(inputs=[A, B, OPTIONAL]))

    outcome = validate(registry, store, deployment=SECOND)

    assert "valid" == outcome.name
    found = outcome.compared
    assert found
    assert ["The column `c` is new."] == [each.text for each in found.changes]


@pytest.mark.parametrize(
    ("deployment", "changes", "setting", "expected"),
    [
        (SECOND, {"tags": {"hokus.breaking": "allowed"}}, "refused", "valid"),
        (SECOND, {"tags": {"hokus.breaking": " Allowed "}}, "refused", "valid"),
        (SECOND, {"model_tags": {"hokus.breaking": "allowed"}}, "refused", "valid"),
        (
            SECOND,
            {"model_tags": {"hokus.breaking": "allowed"}, "tags": {"hokus.breaking": "refused"}},
            "refused",
            "failed",
        ),
        (SECOND, {"tags": {"hokus.breaking": "true"}}, "refused", "failed"),
        (SECOND, {}, "allowed", "valid"),
        (changed(SECOND, allow_breaking=True), {}, "refused", "valid"),
        (changed(SECOND, origin=RequestedBy.OPERATOR), {}, "refused", "failed"),
        (changed(SECOND, attempt=2), {}, "refused", "failed"),
    ],
)
def test_a_person_may_let_it(
    deployment: Deployment, changes: dict[str, Any], setting: str, expected: str
) -> None:
    """By a tag, by a setting, or by the operator's request itself; nobody else does."""
    store = FakeDeploymentStore(LIVE, deployment)
    registry = FakeModelRegistry(first(), second(**changes))
    for name, value in changes.get("model_tags", {}).items():
        registry.tag_model("iris", name, value)

    outcome = validate(
        registry, store, deployment=deployment, breaking_changes=BreakingChanges(setting)
    )

    assert expected == outcome.name


@pytest.mark.parametrize("live", [None, LIVE])
def test_nothing_is_compared_without_another_live_version(live: Deployment | None) -> None:
    """Nothing serves, or an operator deploys what serves afresh."""
    again = a_deployment(status=Status.PENDING, requested_at=LATER, origin=RequestedBy.OPERATOR)
    store = FakeDeploymentStore(*([live] if live else []), again)

    outcome = validate(FakeModelRegistry(first()), store, deployment=again)

    assert ("valid", None) == (outcome.name, outcome.compared)


@pytest.mark.parametrize("live", [[], [first(tags={"hokus.deploy": "false"})]])
def test_a_live_version_that_may_not_serve_any_more_protects_nobody(live: list[Any]) -> None:
    """It is deleted or opted out in MLflow: its callers lose it in any case."""
    store = FakeDeploymentStore(LIVE, SECOND)

    assert "valid" == validate(FakeModelRegistry(*live, second()), store, deployment=SECOND).name


@pytest.mark.parametrize(
    ("origin", "attempt", "served", "expected"),
    [
        (RequestedBy.REGISTRY, 1, True, "adopted"),
        (RequestedBy.REGISTRY, 1, False, "failed"),
        (RequestedBy.OPERATOR, 1, True, "failed"),
        (RequestedBy.OPERATOR, 2, True, "adopted"),
    ],
)
def test_the_registry_may_go_back_to_what_served_before(
    origin: RequestedBy, attempt: int, served: bool, expected: str
) -> None:
    """A person moves the alias back; an operator says with the request that callers may break."""
    live = changed(LIVE, model_version="2", requested_at=LATER, registered_at=LATER)
    live = changed(live, id="second", input_schema=[A])
    outcomes = {"validate": "valid", "activate": "activated" if served else "superseded"}
    before = with_endpoint(changed(LIVE, status=Status.STOPPED, input_schema=None))
    before = changed(
        before,
        timeline=tuple(
            TimelineEntry(step=step, time=NOON, outcome=outcome)
            for step, outcome in outcomes.items()
        ),
    )
    back = a_deployment(
        status=Status.PENDING,
        requested_at=LATER + timedelta(hours=1),
        origin=origin,
        attempt=attempt,
    )
    store = FakeDeploymentStore(live, before, back)
    registry = FakeModelRegistry(first(inputs=[B], aliases=("champion",)), second())

    outcome = validate(
        registry, store, deployment=back, alias="champion", endpoints=(endpoint_of(before),)
    )

    assert expected == outcome.name


def test_a_record_has_room_for_all_that_is_kept() -> None:
    """A thousand columns are gone, and the reason and the timeline stay short."""
    columns = [A | {"name": f"column number {at}"} for at in range(1_000)]
    live = changed(LIVE, input_schema=[A, *columns])
    store = FakeDeploymentStore(live, SECOND)

    outcome = validate(FakeModelRegistry(first(), second()), store, deployment=SECOND)

    found = outcome.compared
    assert found
    assert MAX_CHANGES == len(found.changes)
    assert found.changes[-1].breaking
    assert "There are 981 more differences." == found.changes[-1].text
    assert outcome.reason
    assert len(outcome.reason) < 2_000
