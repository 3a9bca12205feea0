"""Versions whose signature breaks callers of others, and what must hold when they are validated."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from functions.common.deployments.policy import opted_out
from functions.common.deployments.record import Deployment, Status
from functions.provision.registry.base import ListedVersion, RegisteredVersion
from functions.provision.registry.tags import is_deployment_of
from tests.fakes.provider.endpoints import Quality
from tests.simulation.accidents import must
from tests.simulation.execution import Json

if TYPE_CHECKING:
    from tests.simulation.world import World

_WIDER = [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 5]}}]
_BREAKS = "It would break callers"


def with_signature(version: RegisteredVersion, quality: Quality) -> RegisteredVersion:
    """Return *version* with the signature of its quality."""
    if quality is Quality.INCOMPATIBLE:
        return replace(version, inputs=None)
    if quality is Quality.WIDER:
        return replace(version, inputs=_WIDER, input_example={"inputs": [[1.0] * 5]})
    return version


def is_held_back(world: "World", model: str, version: ListedVersion) -> bool:
    """Return whether the last deployment of *version* has failed for the callers of another."""
    newest = newest_deployment(world, model, version)
    return newest is not None and _broke(newest)


def newest_deployment(world: "World", model: str, version: ListedVersion) -> Deployment | None:
    """Return the last deployment of *version*; None when there is none."""
    deployments = world.store.state(model).deployments
    return next((each for each in deployments if is_deployment_of(each, version)), None)


def watched_validation(world: "World", validate: Callable[[Json], Any]) -> Callable[[Json], Any]:
    """Return *validate*, with a check of what it lets pass and of what it holds back."""

    def run(event: Json) -> Any:
        result = validate(event)
        state = world.store.state(event["model_id"])
        made, live = state.deployment(event["deployment_id"]), state.live
        if made and live and made.registered_at:
            differs = _is_wider(world, made) is not _is_wider(world, live)
            passes = result["outcome"] in {"valid", "adopted"}
            free = _may_break(world, made) or _is_withdrawn(world, live)
            must(free or not (passes and differs), "A version breaks callers of the live one.")
            must(differs or _BREAKS not in result.get("reason", ""), "What breaks nobody is held.")
        return result

    return run


def _broke(deployment: Deployment) -> bool:
    return deployment.status is Status.FAILED and (deployment.reason or "").startswith(_BREAKS)


def _is_wider(world: "World", deployment: Deployment) -> bool:
    return world.quality_of_deployment(deployment.id) is Quality.WIDER


def _may_break(world: "World", deployment: Deployment) -> bool:
    """Return whether a person lets it, or its version has served before."""
    version = world.registry.version(deployment.model_id, deployment.model_version)
    if deployment.allow_breaking or (version and version.tags.get("hokus.breaking") == "allowed"):
        return True
    return any(
        each.model_version == deployment.model_version
        and each.registered_at == deployment.registered_at
        and has_served(each)
        for each in world.store.state(deployment.model_id).deployments
    )


def has_served(deployment: Deployment) -> bool:
    """Return whether it went live, by its workflow or by a rename."""
    return any(
        entry.step == "rename" or (entry.step, entry.outcome) == ("activate", "activated")
        for entry in deployment.timeline
    )


def _is_withdrawn(world: "World", live: Deployment) -> bool:
    model = world.registry.model(live.model_id)
    listed = model.version(live.model_version) if model else None
    return listed is None or not is_deployment_of(live, listed) or opted_out(listed.tags)
