"""A thousand models in a metered world, and ten things that can be wrong with them."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bench.metered_world import MeteredWorld
from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.identity import deployment_id
from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import ModelState
from functions.common.providers.base import EndpointState
from functions.provision.names import endpoint_name, tags
from functions.provision.registry.tags import STATUS, stale_tags
from tests.builders import changed
from tests.fakes.model_registry import a_version
from tests.fakes.provider.endpoints import Quality
from tests.simulation.world import INSTALLATION, NAMESPACE

VERSIONS = 3
QUIET = timedelta(minutes=20)
"""Longer than any grace or window of the reconciler's."""
_API_URL = "https://api.test"


def fill(world: MeteredWorld, models: int) -> None:
    """Bring three versions of one model up, the last of them live, and copy it."""
    first = named(0)
    for _ in range(VERSIONS):
        world.register(first, Quality.GOOD, opt_out=False)
        world.deliver(0)
        world.settle()
    original = world.store.state(first)
    world.simulated.quality_of = lambda _deployment_id: Quality.GOOD
    for number in range(1, models):
        _copy(world, original, named(number))
    world.now += QUIET


def add_history(world: MeteredWorld, models: int, *, deployments: int) -> None:
    """Add settled records of so many earlier deployments to each model."""
    for number in range(models):
        state = world.store.state(named(number))
        live = state.live
        assert live
        for back in range(1, deployments + 1):
            requested_at = live.requested_at - timedelta(days=back)
            id_ = deployment_id(live.model_id, f"0{back}", requested_at)
            old = changed(
                live,
                id=id_,
                endpoint_name=endpoint_name(live.model_id, id_),
                model_version=f"0{back}",
                status=Status.STOPPED,
                requested_at=requested_at,
                created_at=requested_at,
                removed=True,
                expiration=int((world.now + timedelta(days=90)).timestamp()),
            )
            world.keep_record(old)


def named(number: int) -> str:
    """The fleet's models, in the order of their names."""
    return f"demand-forecast-{number:04}"


def _copy(world: MeteredWorld, original: ModelState, name: str) -> None:
    ids = {
        each.id: deployment_id(
            name, each.model_version, each.requested_at, installation=INSTALLATION
        )
        for each in original.deployments
    }
    deployments = tuple(_renamed(each, name, ids) for each in original.deployments)
    live_id = ids[original.live_id or ""]
    live = next(each for each in deployments if each.id == live_id)
    state = ModelState(
        model_id=name, deployments=deployments, live_id=live_id, desired=DesiredDeployment.of(live)
    )
    world.keep(state)
    _copy_endpoint(world, original.live, live)
    for each in deployments:
        version = world.registry.version(original.model_id, each.model_version)
        assert version
        world.registry.register(replace(version, name=name, tags={}))
    model = world.registry.model(name)
    assert model
    for number, told in stale_tags(state, model, api_url=_API_URL).items():
        world.registry.set_tags(name, number, told)


def _renamed(deployment: Deployment, name: str, ids: dict[str, str]) -> Deployment:
    id_ = ids[deployment.id]
    endpoint = endpoint_name(name, id_)
    arn, _, _ = (deployment.execution_arn or "").rpartition(":")
    return changed(
        deployment,
        model_id=name,
        id=id_,
        replaced_id=ids.get(deployment.replaced_id or ""),
        execution_arn=f"{arn}:{id_}",
        endpoint_name=endpoint,
        endpoint_url=f"https://{endpoint}",
        repository=f"{NAMESPACE}/{endpoint}",
    )


def _copy_endpoint(world: MeteredWorld, original: Deployment | None, live: Deployment) -> None:
    assert original
    old, new = original.endpoint.name or "", live.endpoint.name or ""
    provider = world.simulated
    provider.lives[new] = copy.copy(provider.lives[old])
    provider.endpoints[new] = replace(
        provider.endpoints[old],
        name=new,
        repository=live.package.repository or "",
        tags=tags(live.id, installation=INSTALLATION),
    )


def break_ten(world: MeteredWorld) -> None:
    """Cause one change of each kind that the reconciler makes, and two deployments."""
    for number, harm in enumerate(HARMS, start=1):
        harm(world, named(number))
    world.now += QUIET


def _an_unheard_version(world: MeteredWorld, name: str) -> None:
    world.registry.register(a_version(name=name, version="4", registered_at=world.now))


def _a_lost_endpoint(world: MeteredWorld, name: str) -> None:
    endpoint = _live(world, name).endpoint.name or ""
    del world.simulated.lives[endpoint], world.simulated.endpoints[endpoint]


def _a_wrong_target(world: MeteredWorld, name: str) -> None:
    state = world.store.state(name)
    world.store.set_desired(DesiredDeployment.of(state.deployments[1]), expected=state.desired)


def _a_deleted_model(world: MeteredWorld, name: str) -> None:
    world.registry.delete(name)


def _a_dead_execution(world: MeteredWorld, name: str, *, run: int = 1) -> None:
    world.registry.register(a_version(name=name, version="4", registered_at=world.now))
    known = world.store.state(name)
    coming = Deployment(
        id=deployment_id(name, "4", world.now, installation=INSTALLATION),
        model_id=name,
        model_version="4",
        status=Status.PENDING,
        requested_at=world.now,
        created_at=world.now,
        updated_at=world.now,
        run=run,
    )
    world.store.add(coming)
    world.store.set_desired(DesiredDeployment.of(coming), expected=known.desired)


def _five_dead_executions(world: MeteredWorld, name: str) -> None:
    _a_dead_execution(world, name, run=5)


def _a_paused_endpoint(world: MeteredWorld, name: str) -> None:
    world.simulated.pause_by_hand(_live(world, name).endpoint.name or "")


def _a_leftover(world: MeteredWorld, name: str) -> None:
    earlier = world.store.state(name).deployments[1]
    world.store.update(earlier, changed(earlier, removed=False))


def _an_orphan(world: MeteredWorld, name: str) -> None:
    like = world.simulated.endpoints[_live(world, name).endpoint.name or ""]
    orphan = endpoint_name(name, "nobody")
    marks = tags("nobody", installation=INSTALLATION)
    world.simulated.endpoints[orphan] = replace(
        like, name=orphan, tags=marks, state=EndpointState.RUNNING, created_at=world.now
    )


def _an_untrue_tag(world: MeteredWorld, name: str) -> None:
    world.registry.tag(name, "3", STATUS, "failed")


def _live(world: MeteredWorld, name: str) -> Deployment:
    live = world.store.state(name).live
    assert live
    return live


HARMS: tuple[Callable[[MeteredWorld, str], None], ...] = (
    _an_unheard_version,
    _a_lost_endpoint,
    _a_wrong_target,
    _a_deleted_model,
    _a_dead_execution,
    _five_dead_executions,
    _a_paused_endpoint,
    _a_leftover,
    _an_orphan,
    _an_untrue_tag,
)
