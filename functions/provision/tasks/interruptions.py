"""Attempts of a task that broke off: seen at once in the timeline, and in the reason at the end."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from functions.common.deployments.record import Deployment, TimelineEntry
from functions.common.deployments.store import DeploymentStore
from functions.common.packages.model_packages import PackageIndexUnavailableError
from functions.common.providers.base import ProviderControlError
from functions.provision.registry.base import RegistryUnavailableError, VersionNotReadyError

type OnInterruption = Callable[[Deployment, str], None]
"""Gets the deployment and the words of a first attempt that broke off."""

_QUOTED = (
    PackageIndexUnavailableError,
    ProviderControlError,
    RegistryUnavailableError,
    VersionNotReadyError,
)
"""Exceptions whose messages are made for people, and hold no secret."""
_PREFIX = "being tried again: "
_MAX_CHARACTERS = 500


def note_interruption(
    step: str,
    error: Exception,
    deployment: Deployment,
    *,
    store: DeploymentStore,
    at: datetime,
    on_interruption: OnInterruption | None,
) -> None:
    """Note on record that *step* broke off and is tried again; once for the same cause.

    What goes wrong here is left: the attempt itself counts.
    """
    words = _words(error)
    if not deployment.status.in_progress or words_of(step, deployment) == words:
        return
    timeline = deployment.timeline_with(step, f"{_PREFIX}{words}", at=at)
    with suppress(Exception):
        store.update(deployment, replace(deployment, timeline=timeline))
    with suppress(Exception):
        if on_interruption:
            on_interruption(deployment, words)


def words_of(step: str, deployment: Deployment) -> str | None:
    """Return why the last attempt of *step* broke off; None when it did not."""
    entry = next((each for each in deployment.timeline if each.step == step), None)
    return entry.outcome.removeprefix(_PREFIX) if entry and is_interruption(entry) else None


def is_interruption(entry: TimelineEntry) -> bool:
    """Return whether *entry* is of a step that is not done."""
    return entry.outcome.startswith(_PREFIX)


def _words(error: Exception) -> str:
    words = str(error) if isinstance(error, _QUOTED) else ""
    return words[:_MAX_CHARACTERS] or f"{type(error).__name__}."
