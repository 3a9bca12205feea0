"""A registry that has lost its memory, or the address of another one, takes nothing down."""

from collections.abc import Callable

import pytest

from functions.provision.reconciliation.reconciler import MANY_UNDEPLOYMENTS
from tests.fakes.model_registry import a_version
from tests.unit.provision.reconciliation.world import World, serving_world


def names(count: int) -> list[str]:
    return [f"model-{number:02}" for number in range(count)]


def forgetting(*, serving: int, forgotten: int) -> World:
    """Where so many serve and the registry knows nothing of some of them."""
    world = serving_world(*names(serving))
    for name in names(forgotten):
        world.registry.delete(name)
    return world


@pytest.mark.parametrize(
    ("serving", "forgotten"),
    [
        (MANY_UNDEPLOYMENTS + 1, MANY_UNDEPLOYMENTS + 1),
        (2 * MANY_UNDEPLOYMENTS + 1, MANY_UNDEPLOYMENTS + 1),
    ],
)
def test_a_registry_that_has_forgotten_most_takes_nothing_down(
    serving: int, forgotten: int, logged: Callable[[], str]
) -> None:
    """A person is told instead: every one of them counts as failed."""
    world = forgetting(serving=serving, forgotten=forgotten)
    before = world.snapshot()

    report = world.run()

    assert ([], forgotten) == (report["changes"], report["failed"])
    assert before == world.snapshot()
    assert "reconcile.too_many_undeployments" in logged()


@pytest.mark.parametrize(
    ("serving", "forgotten"),
    [
        (1, 1),
        (MANY_UNDEPLOYMENTS, MANY_UNDEPLOYMENTS),
        (2 * MANY_UNDEPLOYMENTS + 2, MANY_UNDEPLOYMENTS + 1),
    ],
)
def test_fewer_are_taken_down(serving: int, forgotten: int) -> None:
    """Up to ten, or up to half of what serves, can be somebody's will."""
    world = forgetting(serving=serving, forgotten=forgotten)

    assert 0 == world.run()["failed"]
    assert serving - forgotten == len(world.store.live_ids)


def test_the_other_models_are_not_kept_waiting() -> None:
    """A registration has nothing to do with what was forgotten."""
    world = forgetting(serving=MANY_UNDEPLOYMENTS + 1, forgotten=MANY_UNDEPLOYMENTS + 1)
    world.registry.register(a_version(name="new"))

    assert [("new", "Deploy"), ("new", "Tell")] == world.changes()


def test_one_model_asked_for_by_name_is_taken_down() -> None:
    """An operator or a webhook has asked for just this one."""
    world = forgetting(serving=MANY_UNDEPLOYMENTS + 1, forgotten=MANY_UNDEPLOYMENTS + 1)

    found = world.changes(model_id="model-00")

    assert [("model-00", "Retarget"), ("model-00", "Withdraw")] == found
