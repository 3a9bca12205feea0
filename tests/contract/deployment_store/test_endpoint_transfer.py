"""Endpoint reuse and removal: an endpoint belongs to one deployment at a time."""

from dataclasses import replace
from datetime import datetime, timedelta

from functions.common.deployments.record import (
    Status,
)
from functions.common.deployments.store import (
    DeploymentStore,
)
from tests.builders import a_deployment, changed
from tests.contract.deployment_store.deployments import (
    LATER,
    go_live,
    newer,
    replaced_and_requested_again,
)


def test_an_endpoint_is_transferred_complete(store: DeploymentStore) -> None:
    """The endpoint and the package move; status and request time do not."""
    earlier, again = replaced_and_requested_again(store)

    received = store.transfer_endpoint(earlier, again)

    assert received is not None
    assert received == store.get("iris", again.id)
    kept = replace(earlier.endpoint, adopted_from=earlier.id)
    assert (kept, earlier.package) == (received.endpoint, received.package)
    assert (earlier.id, earlier.id) == (
        received.endpoint.adopted_from,
        received.endpoint_deployment_id,
    )
    assert (again.status, again.requested_at) == (received.status, received.requested_at)
    left = store.get("iris", earlier.id)
    assert left is not None
    assert (again.id, Status.STOPPED) == (left.endpoint.handed_to, left.status)


def test_an_endpoint_keeps_its_first_deployments_id(store: DeploymentStore) -> None:
    """A second transfer still names the deployment that the endpoint was created for."""
    earlier, again = replaced_and_requested_again(store)
    store.transfer_endpoint(earlier, again)
    received = go_live(store, again)
    go_live(store, newer(requested_at=LATER))
    stopped = store.get("iris", received.id)
    third = a_deployment(requested_at=LATER + timedelta(hours=1))
    store.add(third)
    assert stopped is not None

    handed_on = store.transfer_endpoint(stopped, third)

    assert handed_on is not None
    assert earlier.id == handed_on.endpoint.adopted_from


def test_an_endpoint_is_transferred_once(store: DeploymentStore) -> None:
    """The second of two deployments that could reuse it gets None."""
    earlier, again = replaced_and_requested_again(store)
    other = a_deployment(requested_at=LATER)
    store.add(other)
    assert store.transfer_endpoint(earlier, again) is not None

    assert store.transfer_endpoint(earlier, other) is None
    assert other == store.get("iris", other.id)


def test_an_endpoint_that_is_being_deleted_is_not_transferred(store: DeploymentStore) -> None:
    """Once its removal has begun, nobody can reuse it."""
    earlier, again = replaced_and_requested_again(store)
    assert store.begin_removal(earlier)

    assert store.transfer_endpoint(earlier, again) is None
    assert again == store.get("iris", again.id)


def test_an_endpoint_is_not_transferred_to_an_ended_deployment(store: DeploymentStore) -> None:
    """The earlier deployment keeps it, so that it is removed with that one."""
    earlier, again = replaced_and_requested_again(store)
    store.update(again, changed(again, status=Status.STOPPED, reason="Superseded."))

    assert store.transfer_endpoint(earlier, again) is None
    assert earlier == store.get("iris", earlier.id)


def test_the_live_deployments_endpoint_is_not_transferred(store: DeploymentStore) -> None:
    """Otherwise two deployments would share it, and retiring one would delete it for both."""
    live = go_live(store, a_deployment())
    again = newer()
    store.add(again)

    assert store.transfer_endpoint(live, again) is None
    assert live == store.get("iris", live.id)


def test_a_removal_can_be_started_again(store: DeploymentStore) -> None:
    """A retry after a crash is allowed to remove the endpoint."""
    earlier, _ = replaced_and_requested_again(store)

    assert [True, True] == [store.begin_removal(earlier) for _ in range(2)]
    removing = store.get("iris", earlier.id)
    assert removing is not None
    assert removing.endpoint.removing


def test_a_removal_has_the_time_at_which_it_began(store: DeploymentStore) -> None:
    """That of an endpoint which still stands, and is deleted once more, begins anew."""
    earlier, _ = replaced_and_requested_again(store)
    times: list[datetime] = []
    for again in (False, False, True):
        store.begin_removal(earlier, again=again)
        removing = store.get("iris", earlier.id)
        assert removing
        assert removing.endpoint.removing_at
        times.append(removing.endpoint.removing_at)

    first, second, third = times
    assert first == second < third


def test_a_transferred_endpoint_is_not_removed(store: DeploymentStore) -> None:
    """It belongs to the other deployment."""
    earlier, again = replaced_and_requested_again(store)
    store.transfer_endpoint(earlier, again)

    assert not store.begin_removal(earlier)


def test_an_unknown_deployment_is_not_removed(store: DeploymentStore) -> None:
    """Starting a removal creates no record."""
    assert not store.begin_removal(a_deployment())
    assert store.get("iris", a_deployment().id) is None
