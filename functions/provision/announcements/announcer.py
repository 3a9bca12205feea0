"""Announces what became of deployments, once each."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.common.deployments.record import Deployment
from functions.common.deployments.store import (
    DeploymentChangedError,
    DeploymentStore,
    ModelState,
)
from functions.provision.announcements.due import due_events, is_due
from functions.provision.announcements.publisher import EventPublisher

NEWS_FOR = timedelta(days=7)
"""What is older is noted without an event, as all that happened before there were events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcer:
    """Publishes the events that are due, then notes it on record: a crash in between repeats an
    event, and loses none."""

    store: DeploymentStore
    publisher: EventPublisher
    now: Callable[[], datetime]

    def is_due(self, state: ModelState) -> bool:
        """Return whether there is something to announce, or to note."""
        return any(is_due(each) for each in state.deployments)

    def announce(self, state: ModelState) -> None:
        """Announce what became of the model's deployments, the oldest request first.

        Raises: EventsUnavailableError (the next reconciliation tries again), StoreBusyError.
        """
        for deployment in reversed(state.deployments):
            if is_due(deployment):
                self._announce(deployment, state)

    def _announce(self, deployment: Deployment, state: ModelState) -> None:
        now = self.now()
        news = [each for each in due_events(deployment, state) if now - each.time <= NEWS_FOR]
        if news:
            self.publisher.publish(*news)
        # Of a record that has moved on meanwhile, the next reconciliation announces the rest.
        with suppress(DeploymentChangedError):
            self.store.update(deployment, replace(deployment, announced=deployment.status))
