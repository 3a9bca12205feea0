"""Checks of a world at the end of a history, when all faults have stopped."""

from datetime import timedelta
from typing import Any

from functions.common.deployments.record import Deployment, Status
from functions.common.providers.base import EndpointState
from functions.provision.names import installation_tag
from functions.provision.registry.tags import COST
from tests.simulation import expected
from tests.simulation.guarding import has_served
from tests.simulation.oddities import SPOILT_ENDPOINT
from tests.simulation.world import INSTALLATION, NAMESPACE, World


def serves_what_is_desired(world: World, model: str) -> None:
    """Check what serves, by rules that are written a second time, and more simply."""
    live = world.store.live(model)
    serving = (live.model_version, live.registered_at) if live else None
    eligible = expected.eligible(world, model)
    good = [
        (each.version, each.registered_at)
        for each in eligible
        if expected.is_good(world, model, each)
    ]
    if expected.operator_holds(world, model):
        _, version = world.operator_requests[model]
        requested = [each for each in good if each[0] == version]
        # A choice that fails leaves the place to what served, or, where no alias decides, to
        # the others.
        if version is None or requested:
            assert (requested[0] if requested else None) == serving
        else:
            assert serving in good or (serving is None and (world.policy.alias or not good))
    elif expected.is_unclear(world, model):
        assert serving is None or serving in good
    elif world.policy.alias is None:
        assert (good[0] if good else None) == serving
    else:
        _serves_what_the_alias_names(world, model, good, serving)


def _serves_what_the_alias_names(world: World, model: str, good: list[Any], serving: Any) -> None:
    named = expected.alias_named(world.registry, model)
    eligible = {each.version for each in expected.eligible(world, model)}
    requested = [each for each in good if each[0] == named]
    if named not in eligible:
        assert serving is None
    elif requested:
        assert requested[0] == serving
    else:
        assert serving is None or serving in good


def registry_shows_what_serves(world: World) -> None:
    """Check the tags of every version."""
    for model in world.registry.models():
        live = world.store.live(model.name)
        for version in model.versions:
            serves = live is not None and (
                (live.model_version, live.registered_at) == (version.version, version.registered_at)
            )
            assert serves == (version.tags.get("hokus.status") == "deployed")
            assert serves == ("hokus.url" in version.tags)


def nothing_is_left_over(world: World) -> None:
    """Check that each live deployment has an endpoint that runs, or that was put to sleep for the
    budget and wakes with the next call, and that there are no others, but for the one of a record
    that cannot be read: it may serve."""
    kept = {SPOILT_ENDPOINT} if world.store.unreadable else set()
    live = [world.store.deployments[id_] for id_ in world.store.live_ids.values()]
    ours = {each.name for each in world.provider.tagged(installation_tag(INSTALLATION))}
    assert {each.endpoint.name for each in live} | kept == ours
    states = {world.provider.endpoints[name].state for name in ours}
    assert states <= {EndpointState.RUNNING, EndpointState.ASLEEP}
    assert len(live) + len(kept) == len(ours)
    assert {f"{NAMESPACE}/{name}" for name in ours} == world.provider.repositories


def everything_has_ended(world: World) -> None:
    """Check that nothing is in progress, and that what does not serve has a reason."""
    deployments = list(world.store.deployments.values())
    assert [] == [each for each in deployments if each.status.in_progress]
    assert [] == [each for each in deployments if not _is_explained(each)]


def nothing_is_left_to_do(world: World) -> None:
    """Check that a second reconciliation changes nothing; it may still have to note that a deletion
    which the first one began has come to its end, that a record is history, and what it costs."""
    world.now += timedelta(days=2)
    second = world.reconciler.run()
    assert [] == [each for each in second.changes if not _may_follow(each)]
    third = world.reconciler.run()
    spoilt = 1 if world.store.unreadable else 0
    assert ([], 2 * spoilt) == (third.changes, second.failed + third.failed)
    assert spoilt == len(second.unreadable)


def everything_is_announced(world: World) -> None:
    """Check that each deployment that has served, failed or been undeployed has its events, and no
    other one has. Models with records that cannot be read are left alone."""
    ids = set(world.events.ids)
    alone = {world.store.deployments[id_].model_id for id_ in world.store.unreadable}
    for each in world.store.deployments.values():
        if each.model_id in alone:
            continue
        served = has_served(each)
        serving = {f"{each.id}:model.live", f"{each.id}:model.rolled_back"}
        assert (1 if served else 0) == len(serving & ids)
        assert (each.status is Status.FAILED) == (f"{each.id}:model.failed" in ids)
        back = f"{each.id}:taken_back:model.rolled_back"
        assert (each.id in world.taken_back) == each.was_taken_back == (back in ids)
        replaced = (each.reason or "").startswith("Replaced by version")
        undeployed = served and each.status is Status.STOPPED and not replaced
        assert undeployed == (f"{each.id}:model.undeployed" in ids)


def comparisons(world: World) -> int:
    """Return how many versions were compared with the live one, each with one outcome."""
    compared = [each for each in world.store.deployments.values() if each.agreement_result]
    assert all(world.agreement != "off" for _ in compared)
    ids = set(world.events.ids)
    served = [each for each in compared if each.status is Status.DEPLOYED]
    assert {f"{each.id}:model.agreement" for each in served} <= ids
    return len(compared)


def _is_explained(deployment: Deployment) -> bool:
    return deployment.status is Status.DEPLOYED or bool(deployment.reason)


def _may_follow(change: dict[str, str]) -> bool:
    """Return whether it says that something is history, or what two days more have cost."""
    cost_alone = change["change"] == "Tell" and change["detail"].endswith(f": {COST}")
    return change["change"] in {"Remove", "Settle"} or cost_alone
