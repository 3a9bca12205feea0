"""Mass-undeployment guard: a registry that has lost its models undeploys nothing."""

from collections.abc import Callable

import pytest

from functions.provision.reconciliation.reconciler import MANY_UNDEPLOYMENTS
from tests.fakes.model_registry import a_version
from tests.unit.provision.reconciliation.world import World, serving_world


def names(count: int) -> list[str]:
    return [f"model-{number:02}" for number in range(count)]


def forgetting(*, serving: int, forgotten: int) -> World:
    """Return models that serve, of which the registry has lost some."""
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
def test_a_registry_without_most_models_undeploys_nothing(
    serving: int, forgotten: int, logged: Callable[[], str]
) -> None:
    """Each of them counts as failed, which raises an alarm."""
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
def test_a_smaller_number_is_undeployed(serving: int, forgotten: int) -> None:
    """Up to ten, or up to half of the live models, can be intended."""
    world = forgetting(serving=serving, forgotten=forgotten)

    assert 0 == world.run()["failed"]
    assert serving - forgotten == len(world.store.live_ids)


def test_the_other_models_are_still_reconciled() -> None:
    """New registrations are deployed meanwhile."""
    world = forgetting(serving=MANY_UNDEPLOYMENTS + 1, forgotten=MANY_UNDEPLOYMENTS + 1)
    world.registry.register(a_version(name="new"))

    assert [("new", "Deploy"), ("new", "Tell")] == world.changes()


def test_a_single_model_is_undeployed_by_name() -> None:
    """An operator or a webhook has requested just this one."""
    world = forgetting(serving=MANY_UNDEPLOYMENTS + 1, forgotten=MANY_UNDEPLOYMENTS + 1)

    found = world.changes(model_id="model-00")

    assert [("model-00", "Retarget"), ("model-00", "Withdraw")] == found
