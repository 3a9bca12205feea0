"""In-memory `EventPublisher`; tests/contract runs the same tests on EventBridge's."""

from functions.provision.announcements.event import Event
from functions.provision.announcements.publisher import EventsUnavailableError


class FakeEventPublisher:
    """Events in `published`; while `broken` it publishes none."""

    def __init__(self) -> None:
        self.published: list[Event] = []
        self.broken = False

    def publish(self, *events: Event) -> None:
        if self.broken:
            raise EventsUnavailableError("EventBridge could not be asked.")
        self.published += events

    def forget(self, subject: str) -> None:
        """Forget the events about *subject*."""
        self.published = [each for each in self.published if each.subject != subject]

    @property
    def ids(self) -> list[str]:
        """The ids of the events."""
        return [f"{each.subject}:{each.kind}" for each in self.published]
