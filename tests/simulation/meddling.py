"""Somebody deletes and pauses endpoints on the provider's pages."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.simulation.world import World


class Meddling(RuleBasedStateMachine):
    """Meddles with any endpoint of ours, whether it serves or not."""

    world: World

    @rule(data=st.data(), deleted=st.booleans())
    def somebody_meddles(self, data: st.DataObject, deleted: bool) -> None:
        world = self.world
        names = [name for name in world.provider.lives if "stray" not in name]
        name = data.draw(st.sampled_from(sorted(names))) if names else None
        if name is None:
            return
        if deleted:
            world.lost.add(name)
            world.provider.lose(name)
            return
        live = {world.store.deployments[id_].endpoint.name for id_ in world.store.live_ids.values()}
        if name not in live:
            # It is deleted before anybody looks at it again.
            world.unseen.add(name)
        world.provider.pause_by_hand(name)
