"""The guard of a model's callers: a version that breaks them does not go live by itself.

A person lets it, by a tag in MLflow, by an operator's request, or by going back to a version that
served before: moving the alias back, or taking away what serves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from functions.common.deployments.policy import BreakingChanges, opted_out
from functions.common.deployments.record import Change, Comparison, Deployment, RequestedBy
from functions.common.deployments.store import ModelState
from functions.common.signatures.changes import deployment_changes
from functions.provision.registry.base import ModelRegistry, RegisteredVersion
from functions.provision.registry.tags import is_deployment_of

TAG = "hokus.breaking"
"""On the version or on the registered model; the version's counts."""
MAX_CHANGES = 20
"""Kept of a comparison; a record has room for more, but all who read it pay for it."""
_SAID_CHANGES = 10
_PLACE_CHARACTERS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CallersGuard:
    """Compares a version with the live one."""

    breaking_changes: BreakingChanges
    registry: ModelRegistry

    def compare(self, candidate: Deployment, state: ModelState) -> Comparison | None:
        """Return what *candidate*, validated, changes; None where no other version is live."""
        live = state.live
        if live is None or is_of_same_version(live, candidate):
            return None
        return compared_with(live, candidate)

    def reason_against(
        self,
        compared: Comparison | None,
        candidate: Deployment,
        version: RegisteredVersion,
        state: ModelState,
    ) -> str | None:
        """Return why the *candidate* may not replace the live version; None when it may."""
        reason = what_breaks(compared) if compared else None
        return None if reason and self._is_allowed(candidate, version, state) else reason

    def _is_allowed(
        self, candidate: Deployment, version: RegisteredVersion, state: ModelState
    ) -> bool:
        return (
            self.breaking_changes is BreakingChanges.ALLOWED
            or lets_break(version.all_tags)
            or candidate.allow_breaking is True
            or _is_taken_back(candidate, state)
            or self._is_withdrawn(state.live)
        )

    def _is_withdrawn(self, live: Deployment | None) -> bool:
        """Return whether the registry does not let the live version serve any more: its callers
        lose it in any case."""
        model = self.registry.model(live.model_id) if live else None
        listed = model.version(live.model_version) if live and model else None
        return (
            live is None
            or listed is None
            or not is_deployment_of(live, listed)
            or opted_out(listed.tags)
        )


def compared_with(live: Deployment, candidate: Deployment) -> Comparison:
    """Return what *candidate* changes for callers of *live*; both are validated."""
    return Comparison(
        version=live.model_version, changes=_bounded(deployment_changes(live, candidate))
    )


def what_breaks(compared: Comparison) -> str | None:
    """Return what breaks callers, and what a person can do; None when nothing does."""
    breaking = [each.text for each in compared.changes if each.breaking]
    if not breaking:
        return None
    others = len(breaking) - _SAID_CHANGES
    said = [*breaking[:_SAID_CHANGES], *([f"There are {others} more."] if others > 0 else [])]
    return (
        f"It would break callers of version {compared.version}, which is live. {' '.join(said)} "
        f"To replace it all the same, set the tag {TAG}={BreakingChanges.ALLOWED} and deploy the "
        'version again, or deploy it with "allow_breaking": true.'
    )


def lets_break(tags: Mapping[str, str]) -> bool:
    """Return whether a version with these *tags* may break callers."""
    return tags.get(TAG, "").strip().lower() == BreakingChanges.ALLOWED


def _is_taken_back(candidate: Deployment, state: ModelState) -> bool:
    """Return whether the registry, or the reconciler by it, goes back to a version that served
    before. An operator who asks for one says so with the request."""
    if candidate.origin is RequestedBy.OPERATOR and candidate.attempt == 1:
        return False
    return has_served(candidate, state)


def has_served(candidate: Deployment, state: ModelState) -> bool:
    """Return whether any deployment of the version of *candidate* has served."""
    return any(
        is_of_same_version(each, candidate)
        and any(entry.begins_to_serve for entry in each.timeline)
        for each in state.deployments
    )


def is_of_same_version(one: Deployment, other: Deployment) -> bool:
    """Return whether both, validated, are of one registered version."""
    return (one.model_version, one.registered_at) == (other.model_version, other.registered_at)


def _bounded(changes: Sequence[Change]) -> tuple[Change, ...]:
    kept = [replace(each, place=each.place[:_PLACE_CHARACTERS]) for each in changes]
    if len(kept) <= MAX_CHANGES:
        return tuple(kept)
    others = kept[MAX_CHANGES - 1 :]
    text = f"There are {len(others)} more differences."
    more = Change(text=text, breaking=any(each.breaking for each in others))
    return (*kept[: MAX_CHANGES - 1], more)
