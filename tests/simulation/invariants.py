"""Invariants that hold at every moment of a history."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from functions.common.deployments.record import Deployment, Status
from functions.provision.metering.idleness import IDLE_FOR
from tests.builders import NOON
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.provider.endpoints import Quality
from tests.simulation.accidents import must

RETIRE_AFTER = timedelta(seconds=40)

if TYPE_CHECKING:
    from tests.simulation.world import World


class WatchedStore:
    """A store that checks what goes live."""

    def __init__(self, store: FakeDeploymentStore, world: "World") -> None:
        self._store, self._world = store, world

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def activate(self, deployment: Deployment) -> Deployment:
        serving = self._store.live_ids.get(deployment.model_id)
        check_always(self._world)
        activated = self._store.activate(deployment)
        must(not self._is_tried_again(activated), "What was taken back is tried again.")
        if serving != activated.id:
            desired = self._store.desired_deployments[deployment.model_id]
            must(desired.deployment_id == activated.id, "Nobody requests what goes live.")
        return activated

    def _is_tried_again(self, activated: Deployment) -> bool:
        """Return whether it is another attempt of a request whose version was taken back: a person
        who deploys it again, or moves the alias to it, makes another request."""
        earlier = (self._store.deployments.get(id_) for id_ in self._world.taken_back)
        return any(
            (each.model_id, each.model_version, each.requested_at)
            == (activated.model_id, activated.model_version, activated.requested_at)
            for each in earlier
            if each
        )

    def take_back(
        self, live: Deployment, earlier: Deployment, *, reason: str, earlier_reason: str
    ) -> Deployment:
        world = self._world
        check_always(world)
        taken_back = self._store.take_back(
            live, earlier, reason=reason, earlier_reason=earlier_reason
        )
        moody = world.quality_of_deployment(live.id) is Quality.MOODY
        must(moody, "What did well is taken back.")
        must(live.id not in world.taken_back, "A deployment is taken back twice.")
        must(live.replaced_id == earlier.id, "What comes back was not replaced by it.")
        must(earlier.id not in world.taken_back, "What was taken back comes back.")
        world.taken_back.add(live.id)
        check_always(world)
        return taken_back


def check_always(world: "World") -> None:
    """Check that every live deployment is verified, and that what is not ours is there."""
    for model, id_ in world.store.live_ids.items():
        live = world.store.deployments[id_]
        must(live.status is Status.DEPLOYED, f"What serves {model} is {live.status}.")
        name = live.endpoint.name or ""
        must(name in world.inference.verified, f"What serves {model} was never verified.")
        world.last_live[name] = world.now
    must("theirs" in world.provider.endpoints, "What is not ours is gone.")


def check_provider_call(world: "World", call: str, name: str) -> None:
    """Check what our own code asks of the provider."""
    live = {world.store.deployments[id_].endpoint.name for id_ in world.store.live_ids.values()}
    if call == "delete":
        must(name != "theirs", "What is not ours is deleted.")
        must(name not in live, "What serves is deleted.")
        unused = world.now - world.last_live.get(name, NOON - RETIRE_AFTER)
        must(unused >= RETIRE_AFTER, "What somebody may still use is deleted.")
    elif call in {"pause", "scale_to_zero"}:
        idle = world.now - world.last_called.get(name, NOON - IDLE_FOR)
        must(name in live, "What does not serve is put to sleep.")
        must(idle >= IDLE_FOR, "What is busy is put to sleep.")
    else:
        (made,) = (d for d in world.store.deployments.values() if d.endpoint.name == name)
        desired = world.store.desired_deployments[made.model_id]
        must(made.id == desired.deployment_id, "Nobody requests what is created.")
