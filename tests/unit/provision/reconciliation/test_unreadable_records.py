"""Models with records that cannot be read, beside healthy ones."""

import pytest

from tests.unit.provision.reconciliation.world import serving_world


@pytest.mark.parametrize("model_id", [None, "iris"])
def test_a_model_with_an_unreadable_record_is_left_alone_and_named(model_id: str | None) -> None:
    """Its endpoint may serve, and what is missing would look like lost."""
    world = serving_world("iris", "wine")
    (broken,) = (each for each in world.store.deployments.values() if each.model_id == "iris")
    world.store.unreadable.add(broken.id)
    before = world.snapshot()

    report = world.run(model_id=model_id)

    assert ([], []) == (report["changes"], report["held"])
    assert [{"model_id": "iris", "record": broken.id}] == report["unreadable"]
    assert 1 == report["failed"]
    assert before == world.snapshot()


def test_other_models_are_reconciled_beside_it() -> None:
    world = serving_world("iris", "wine")
    (broken,) = (each for each in world.store.deployments.values() if each.model_id == "iris")
    world.store.unreadable.add(broken.id)
    world.registry.delete("wine")

    assert [("wine", "Retarget"), ("wine", "Withdraw")] == world.changes()
