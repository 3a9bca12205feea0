"""Versions that answer their example and fail their callers, once others have replaced them."""

from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.fakes.provider.endpoints import Quality
from tests.simulation.spending import MANY_CALLS, MODELS, call
from tests.simulation.world import World

A_LOOK_S = 130
"""Seconds in which a new version is looked at twice."""


class MoodyVersions(RuleBasedStateMachine):
    """Registers one, and has it called often while what it replaced still stands."""

    seen: ClassVar[dict[str, int]] = {}

    world: World

    @rule(
        model=st.sampled_from(MODELS[:2]),
        breaks_in=st.integers(0, 12),
        crash=st.booleans(),
        then=st.sampled_from(["nothing", "another version", "undeploy", "again"]),
    )
    def a_moody_version_replaces_another(
        self, model: str, breaks_in: int, crash: bool, then: str
    ) -> None:
        """Something breaks while it is taken back, or somebody does something else meanwhile."""
        world = self.world
        self._release(model, Quality.GOOD)
        world.settle(A_LOOK_S)
        self._release(model, Quality.MOODY)
        world.settle(A_LOOK_S)
        before = len(world.taken_back)
        for _ in range(3):
            call(world, model, times=MANY_CALLS)
        if then == "another version":
            self._release(model, Quality.GOOD)
        elif then == "undeploy":
            world.operate(model, None)
        elif then == "again" and (live := world.store.live(model)):
            world.operate(model, live.model_version)
        if breaks_in:
            world.break_at(breaks_in, "after" if breaks_in % 2 else "before", crash=crash)
        world.settle(A_LOOK_S)
        taken_back = len(world.taken_back) - before
        self.seen["rollbacks"] = self.seen.get("rollbacks", 0) + taken_back

    def _release(self, model: str, quality: Quality) -> None:
        world = self.world
        world.register(model, quality, opt_out=False)
        found = world.registry.model(model)
        if world.policy.alias and found:
            world.move_alias(model, found.versions[-1].version)
        while world.outbox:
            before = len(world.outbox)
            world.deliver(0)
            if len(world.outbox) == before:
                return
