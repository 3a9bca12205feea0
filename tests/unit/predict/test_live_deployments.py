"""The cached lookup of the deployment that a prediction goes to."""

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.common.deployments.record import Status
from functions.common.errors import ModelNotFoundError, ModelNotReadyError
from functions.predict import live_deployments
from functions.predict.live_deployments import LiveDeployments
from tests.aws_failures import FAILURES, throttled
from tests.builders import NOON, a_deployment, a_live_deployment, set_desired
from tests.fakes.deployment_store import CountingStore, FakeDeploymentStore


class Clock:
    """A clock in seconds that the test moves."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_was_looked_up_is_kept_for_its_time() -> None:
    """Also when the table cannot be read meanwhile; after it, the table is asked again."""
    clock = Clock()
    store = FakeDeploymentStore(a_live_deployment())
    lookup = LiveDeployments(store, max_age_s=5, monotonic=clock)
    found = lookup.get("iris")
    store.error = ConnectionError()

    clock.now += 4.9
    assert found is lookup.get("iris")

    clock.now += 0.1
    with pytest.raises(ConnectionError):
        lookup.get("iris")


@pytest.mark.parametrize("error", FAILURES, ids=str)
def test_a_table_that_does_not_answer_leaves_the_cached_deployment(error: Exception) -> None:
    """For five minutes, in which the table is asked once in five seconds."""
    clock, store = Clock(), FakeDeploymentStore(a_live_deployment())
    counting: Any = CountingStore(store)
    lookup = LiveDeployments(counting, max_age_s=5, monotonic=clock)
    found, store.error = lookup.get("iris"), error

    for _ in range(299):
        clock.now += 1
        assert found is lookup.get("iris")
    assert 60 == counting.calls["live"]

    clock.now += 5
    with pytest.raises(type(error)):
        lookup.get("iris")
    store.error = None
    assert found == lookup.get("iris")


def test_a_model_that_is_not_cached_needs_the_table() -> None:
    """The handler answers 503."""
    lookup = LiveDeployments(FakeDeploymentStore(error=throttled()), max_age_s=5)

    with pytest.raises(ClientError):
        lookup.get("iris")


def test_a_replacement_is_seen_after_that_time() -> None:
    """The newer version serves then."""
    clock = Clock()
    store = FakeDeploymentStore(a_live_deployment())
    lookup = LiveDeployments(store, max_age_s=5, monotonic=clock)
    lookup.get("iris")
    newer = a_deployment(model_version="2", requested_at=NOON + timedelta(hours=1))
    store.add(newer)
    set_desired(store, newer)
    store.activate(newer)

    clock.now += 5

    assert "2" == lookup.get("iris").model_version


def test_an_unknown_model_is_not_found_until_it_goes_live() -> None:
    """An unknown model is not cached."""
    store = FakeDeploymentStore()
    lookup = LiveDeployments(store, max_age_s=5, monotonic=Clock())
    with pytest.raises(ModelNotFoundError):
        lookup.get("iris")
    deployment = a_deployment()
    set_desired(store, deployment)
    for step in (lambda: None, lambda: store.add(deployment)):
        step()
        with pytest.raises(ModelNotReadyError):
            lookup.get("iris")
    store.activate(deployment)

    assert deployment.id == lookup.get("iris").id


def test_a_model_whose_only_deployment_failed_is_not_found() -> None:
    """Nothing is on its way."""
    lookup = LiveDeployments(FakeDeploymentStore(a_deployment(status=Status.FAILED)), max_age_s=5)

    with pytest.raises(ModelNotFoundError):
        lookup.get("iris")


def test_no_more_than_the_capacity_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one looked up longest ago goes first."""
    monkeypatch.setattr(live_deployments, "CAPACITY", 2)
    store = FakeDeploymentStore(*(a_live_deployment(model_id=name) for name in "abc"))
    lookup = LiveDeployments(store, max_age_s=5, monotonic=Clock())
    for name in "abc":
        lookup.get(name)
    store.error = ConnectionError()

    assert ["b", "c"] == [lookup.get(name).model_id for name in "bc"]
    with pytest.raises(ConnectionError):
        lookup.get("a")
