"""Renames and copies in the registry, and what must hold right after them."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.simulation.world import World

NAMES = ("iris", "wine", "flower")


class Renaming(RuleBasedStateMachine):
    """Renames models, also to a name that another one had, and copies versions."""

    seen: ClassVar[dict[str, int]] = {}

    world: World

    @rule(model=st.sampled_from(NAMES), to=st.sampled_from(NAMES))
    def rename(self, model: str, to: str) -> None:
        if self.world.registry.model(model) and self.world.registry.model(to) is None:
            rename(self.world, model, to)

    @rule(to=st.sampled_from(NAMES))
    def rename_what_serves(self, to: str) -> None:
        """Nobody waits for a deployment: the next reconciliation moves the running endpoint."""
        world = self.world
        world.accidents.stop()
        world.settle()
        world.reconcile()
        world.settle()
        name = next(iter(sorted(world.store.live_ids)), None)
        if name is None or world.registry.model(to) or not world.registry.model(name):
            return
        before = world.store.live(name)
        rename(world, name, to)
        world.reconcile()
        after = world.store.live(to)
        assert before
        assert after, "A rename has taken a model off the air."
        assert before.endpoint.name == after.endpoint.name
        self._count("renames of what serves", 1)

    @rule(model=st.sampled_from(NAMES), to=st.sampled_from(NAMES), data=st.data())
    def copy(self, model: str, to: str, data: st.DataObject) -> None:
        version = self._any_version(data, model)
        if version:
            copy(self.world, model, version, to)

    def _versions(self, model: str) -> list[str]:
        found = self.world.registry.model(model)
        return [each.version for each in found.versions] if found else []

    def _any_version(self, data: st.DataObject, model: str) -> str | None:
        versions = self._versions(model)
        return data.draw(st.sampled_from(versions)) if versions else None

    def _count(self, what: str, more: int) -> None:
        self.seen[what] = self.seen.get(what, 0) + more


def rename(world: World, model: str, new_name: str) -> None:
    """Rename the model: without an event, as in MLflow."""
    world.registry.rename(model, new_name, at=world.now)
    for name, number, registered_at in list(world.qualities):
        if name == model:
            quality = world.qualities[name, number, registered_at]
            world.qualities[new_name, number, registered_at] = quality
    by_name: Iterable[dict[str, Any]] = (world.numbers, world.alias_moved, world.alias_then)
    for kept in by_name:
        kept.pop(new_name, None)
        if model in kept:
            kept[new_name] = kept.pop(model)
    for name in (model, new_name):
        if world.operator_requests.pop(name, None) or name in world.unclear:
            # A request for a version that did not serve yet stays with the old name.
            world.unclear |= {model, new_name}
    world.now += timedelta(milliseconds=5)


def copy(world: World, model: str, version: str, to: str) -> None:
    """Copy a version as the next one of the model *to*."""
    source = world.registry.version(model, version)
    assert source
    number = str(next(world.numbers.setdefault(to, count(1))))
    quality = world.qualities[model, version, source.registered_at]
    world.qualities[to, number, world.now] = quality
    world.registry.copy(model, version, to=to, number=number, registered_at=world.now)
    world.send("model_version.created", name=to, version=number, tags=dict(source.tags))
