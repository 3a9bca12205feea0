"""Records that cannot be read are named, and stand in the way of no other record or model."""

import json
import lzma
from typing import Any

import pytest

from functions.common.deployments.store import DeploymentStore
from functions.common.deployments.unreadable import UnreadableRecord
from functions.common.errors import UnreadableRecordError
from tests.builders import a_deployment
from tests.contract.deployment_store.deployments import go_live, newer
from tests.fakes.deployment_store import FakeDeploymentStore

BOMB = lzma.compress(json.dumps([{"type": "double"}] * 1_000_000).encode())
POISONS: dict[str, Any] = {
    "a signature that is no list": {"input_schema": {"S": '{"a": "double"}'}},
    "no JSON": {"output_schema": {"S": "{"}},
    "no LZMA": {"input_example": {"B": b"hello"}},
    "more than any record holds": {"input_schema": {"B": BOMB}},
    "an unknown status": {"status": {"S": "sleeping"}},
    "a time that is none": {"requested_at": {"S": "yesterday"}},
    "a time without its zone": {"requested_at": {"S": "2026-11-22T12:00:00"}},
    "a number that is not whole": {"attempt": {"N": "1.5"}},
    "a number for a text": {"model_version": {"N": "1"}},
    "a timeline that is none": {"timeline": {"S": "[]"}},
    "nothing but its key": None,
}


def poison(store: Any, deployment: Any, attributes: dict[str, Any] | None) -> None:
    """Make the record of *deployment*, and its copy under `live`, one that cannot be read."""
    if isinstance(store, FakeDeploymentStore):
        store.unreadable.add(deployment.id)
        return
    live = store._item("iris", "live")
    for id_ in (deployment.id, "live"):
        item = store._item("iris", id_)
        if item is None or (id_ == "live" and live["deployment_id"]["S"] != deployment.id):
            continue
        kept = {"model_id", "id", "deployment_id", "endpoint_name"}
        changed = {name: each for name, each in item.items() if attributes or name in kept}
        store._client.put_item(TableName="deployed_models", Item=changed | (attributes or {}))


@pytest.mark.parametrize("poisoned", POISONS.values(), ids=POISONS)
def test_an_unreadable_record_is_named_with_its_endpoint(
    store: DeploymentStore, poisoned: dict[str, Any] | None
) -> None:
    """The endpoint may serve: it must not be taken for one that nobody knows."""
    earlier = go_live(store, a_deployment(endpoint_name="hokus-iris-1"))
    later = go_live(store, newer(endpoint_name="hokus-iris-2"))
    poison(store, earlier, poisoned)

    state = store.state("iris")

    assert (later,) == state.deployments
    assert later == state.live
    assert (UnreadableRecord(earlier.id, "hokus-iris-1"),) == state.unreadable
    assert [state] == list(store.states())
    assert later == store.live("iris")
    with pytest.raises(UnreadableRecordError):
        store.get("iris", earlier.id)


def test_other_models_are_read_when_one_cannot_be(store: DeploymentStore) -> None:
    """A caller of that model gets an error, and nobody else does."""
    broken = go_live(store, a_deployment())
    well = go_live(store, a_deployment(model_id="wine"))
    poison(store, broken, {"input_schema": {"S": "{}"}})

    states = {state.model_id: state for state in store.states()}

    assert (well,) == states["wine"].deployments
    assert () == states["iris"].deployments
    assert broken.id == states["iris"].live_id
    assert well == store.live("wine")
    with pytest.raises(UnreadableRecordError):
        store.live("iris")
