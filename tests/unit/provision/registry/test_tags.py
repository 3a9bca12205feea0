"""The tags that show each version's deployment in MLflow."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import ModelState
from functions.provision.registry.base import ListedVersion, RegisteredModel
from functions.provision.registry.tags import (
    MAX_REASON_CHARACTERS,
    is_deployment_of,
    mark_deploying,
    shown_deployment,
    stale_tags,
)
from tests.builders import NOON, a_deployment, changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.model_registry import FakeModelRegistry, a_version

API = "https://api.test/api/v1"
LATER = NOON + timedelta(hours=1)
LIVE = a_deployment(status=Status.DEPLOYED, registered_at=NOON)
FAILED = a_deployment(
    requested_at=LATER, status=Status.FAILED, registered_at=NOON, reason="No signature."
)
LIVE_TAGS = {
    "hokus.status": "deployed",
    "hokus.url": f"{API}/models/iris/predict",
    "hokus.deployment_id": LIVE.id,
}


def listed(version: str = "1", *, registered_at: datetime = NOON, **tags: str) -> ListedVersion:
    named = {name.replace("_", ".", 1): value for name, value in tags.items()}
    return ListedVersion(version=version, registered_at=registered_at, tags=named)


def state_of(*deployments: Deployment) -> ModelState:
    return FakeDeploymentStore(*deployments).state(deployments[0].model_id)


def untrue(state: ModelState, *versions: ListedVersion) -> dict[str, dict[str, str | None]]:
    model = RegisteredModel(name=state.model_id, versions=versions, aliases={})
    return stale_tags(state, model, api_url=API)


@pytest.mark.parametrize(
    ("deployment", "version", "expected"),
    [
        (a_deployment(registered_at=NOON), listed(), True),
        (a_deployment(registered_at=NOON), listed("2"), False),
        (a_deployment(registered_at=NOON), listed(registered_at=LATER), False),
        (a_deployment(registered_at=LATER), listed(), False),
        (a_deployment(), listed(), True),
        (a_deployment(requested_at=LATER), listed(), True),
        (a_deployment(), listed(registered_at=LATER), False),
        (a_deployment(), listed("2"), False),
    ],
)
def test_a_version_registered_again_is_another_version(
    deployment: Deployment, version: ListedVersion, expected: bool
) -> None:
    """By its time of registration, which a request cannot precede."""
    assert expected == is_deployment_of(deployment, version)


def test_the_tags_show_the_live_deployment() -> None:
    """Even if a newer deployment of the version has failed."""
    assert LIVE == shown_deployment(state_of(LIVE, FAILED), listed())


def test_without_a_live_deployment_the_tags_show_the_newest() -> None:
    """By the time of the requests."""
    older = a_deployment(status=Status.STOPPED, requested_at=NOON, registered_at=NOON)

    assert FAILED == shown_deployment(state_of(older, FAILED), listed())


def test_a_version_without_a_deployment_has_no_tags() -> None:
    """Neither does one whose number was another version's before."""
    assert shown_deployment(state_of(LIVE), listed("2")) is None
    assert shown_deployment(state_of(LIVE), listed(registered_at=LATER)) is None


def test_only_a_live_deployment_has_a_url() -> None:
    """The tags of others have a reason."""
    stopped = a_deployment(
        model_version="0", status=Status.STOPPED, registered_at=NOON, reason="Replaced."
    )

    expected = {
        "1": LIVE_TAGS,
        "0": {
            "hokus.status": "stopped",
            "hokus.reason": "Replaced.",
            "hokus.deployment_id": stopped.id,
        },
    }
    assert expected == untrue(state_of(LIVE, stopped), listed(), listed("0"))


def test_the_url_is_valid_for_any_name() -> None:
    """Percent-encoded as a caller must send it."""
    live = a_deployment(model_id="sales/lead ü", status=Status.DEPLOYED, registered_at=NOON)

    found = untrue(state_of(live), listed())

    assert f"{API}/models/sales%2Flead%20%C3%BC/predict" == found["1"]["hokus.url"]


def test_correct_tags_are_not_written_again() -> None:
    """Every write is a request to MLflow."""
    true = ListedVersion(version="1", registered_at=NOON, tags={**LIVE_TAGS, "team": "a"})

    assert {} == untrue(state_of(LIVE), true)


def test_only_stale_tags_are_written() -> None:
    """One was changed by hand, and a reason is left from an earlier attempt."""
    tags = {**LIVE_TAGS, "hokus.status": "failed", "hokus.reason": "Bad."}
    wrong = ListedVersion(version="1", registered_at=NOON, tags=tags)

    expected = {"1": {"hokus.status": "deployed", "hokus.reason": None}}
    assert expected == untrue(state_of(LIVE), wrong)


def test_tags_of_a_version_without_a_deployment_are_removed() -> None:
    """Only our own, and not the one by which people opt out."""
    stale = listed(hokus_status="deployed", hokus_url="x", hokus_deploy="true", team="a")
    other = a_deployment(model_version="2", registered_at=NOON)

    assert {"1": {"hokus.status": None, "hokus.url": None}} == untrue(state_of(other), stale)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("x" * MAX_REASON_CHARACTERS, "x" * MAX_REASON_CHARACTERS),
        ("x" * (MAX_REASON_CHARACTERS + 1), "x" * MAX_REASON_CHARACTERS),
    ],
)
def test_a_long_reason_is_cut(reason: str, expected: str) -> None:
    """MLflow refuses values that are too long."""
    failed = changed(FAILED, reason=reason)

    assert expected == untrue(state_of(failed), listed())["1"]["hokus.reason"]


@pytest.mark.parametrize("reason", [None, ""])
def test_no_reason_is_no_tag(reason: str | None) -> None:
    """An empty tag would say nothing."""
    coming = a_deployment(registered_at=NOON, reason=reason)

    assert {"hokus.status", "hokus.deployment_id"} == untrue(state_of(coming), listed())["1"].keys()


class RecordingRegistry(FakeModelRegistry):
    """A registry that records what is written, in `written`."""

    def __init__(self) -> None:
        super().__init__(a_version())
        self.written: list[dict[str, str | None]] = []

    def set_tags(self, name: str, version: str, tags: Mapping[str, str | None]) -> None:
        self.written.append(dict(tags))
        super().set_tags(name, version, tags)


def test_a_deployment_in_progress_replaces_all_tags() -> None:
    """Nothing of an earlier attempt remains."""
    tags = {"hokus.url": "x", "hokus.reason": "Bad."}
    registry = FakeModelRegistry(a_version(tags=tags))

    mark_deploying(LIVE, tags, registry)

    found: Any = registry.version("iris", "1")
    assert {"hokus.status": "deploying", "hokus.deployment_id": LIVE.id} == found.tags


def test_only_tags_that_differ_are_written() -> None:
    """MLflow sends a webhook for every write, even one that changes nothing."""
    registry = RecordingRegistry()
    held = {"hokus.status": "deploying", "hokus.reason": "Bad."}

    mark_deploying(LIVE, held, registry)

    assert [{"hokus.deployment_id": LIVE.id, "hokus.reason": None}] == registry.written


def test_a_registry_that_is_down_does_not_stop_a_deployment() -> None:
    """The next reconciliation updates the tags."""
    registry = FakeModelRegistry(a_version())
    registry.error = ConnectionError("down")

    mark_deploying(LIVE, {}, registry)
