"""Expected deployments, found without the code under test."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from functions.common.deployments.policy import opted_out
from functions.provision.registry.base import ListedVersion
from tests.builders import NOON
from tests.fakes.model_registry import FakeModelRegistry
from tests.fakes.provider.endpoints import Quality
from tests.simulation.guarding import is_held_back, newest_deployment

if TYPE_CHECKING:
    from tests.simulation.world import World

ALIAS = "champion"


def eligible(world: "World", model: str) -> list[ListedVersion]:
    """Return the versions that are not opted out, the newest first."""
    found = world.registry.model(model)
    versions = [each for each in found.versions if not opted_out(each.tags)] if found else []
    return sorted(versions, key=lambda each: (each.registered_at, int(each.version)))[::-1]


def operator_holds(world: "World", model: str) -> bool:
    """Return whether an operator's request is the last one, as far as that is known."""
    if model not in world.operator_requests or model in world.unclear:
        return False
    requested_at, version = world.operator_requests[model]
    versions = eligible(world, model)
    there = version is None or any(
        each.version == version and each.registered_at <= requested_at for each in versions
    )
    if world.policy.alias:
        return there and not _alias_changed_since(world, model, requested_at)
    return there and all(each.registered_at <= requested_at for each in versions)


def is_unclear(world: "World", model: str) -> bool:
    """Return whether nobody could say whose request is the last one: an operator got an error, or
    the alias was changed since and names what it named then."""
    if model in world.unclear:
        return True
    if model not in world.operator_requests or not world.policy.alias:
        return False
    changed = _alias_changed_since(world, model, world.operator_requests[model][0])
    return changed and alias_named(world.registry, model) == world.alias_then[model]


def alias_named(registry: FakeModelRegistry, model: str) -> str | None:
    """Return the version that the alias names."""
    found = registry.model(model)
    return found.aliases.get(ALIAS) if found else None


def is_good(world: "World", model: str, version: ListedVersion) -> bool:
    """Return whether nothing is the matter with *version*; a moody one is good until its callers
    have noticed, and one is not that would break the callers of what served."""
    quality = world.qualities[model, version.version, version.registered_at]
    if quality is Quality.MOODY and _is_taken_back(world, model, version):
        return False
    good = quality in {Quality.GOOD, Quality.MOODY, Quality.WIDER}
    return good and not is_held_back(world, model, version)


def _is_taken_back(world: "World", model: str, version: ListedVersion) -> bool:
    """Return whether the last deployment of *version* was taken back."""
    newest = newest_deployment(world, model, version)
    return newest is not None and newest.id in world.taken_back


def _alias_changed_since(world: "World", model: str, moment: datetime) -> bool:
    return world.alias_moved.get(model, NOON - timedelta(days=1)) >= moment
