"""Port and adapter: where events are published."""

import json
from itertools import batched
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from functions.provision.announcements.event import SOURCE, Event

_MOST_ENTRIES = 10
"""Of one request. Source:
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html"""


class EventsUnavailableError(Exception):
    """An event was not published, or nobody knows whether it was: publish it again later."""


class EventPublisher(Protocol):
    """Publishes events for whoever listens."""

    def publish(self, *events: Event) -> None:
        """Publish *events*; returns when none of them can be lost any more.

        Raises: EventsUnavailableError (some may have been published all the same).
        """
        ...


class EventBridgePublisher:
    """Publishes on a bus of EventBridge."""

    def __init__(self, client: Any, bus: str, *, installation: str, environment: str) -> None:
        self._client = client
        self._bus = bus
        self._installation = installation
        self._environment = environment

    def publish(self, *events: Event) -> None:
        for batch in batched(events, _MOST_ENTRIES, strict=False):
            try:
                answer = self._client.put_events(Entries=[self._entry(each) for each in batch])
            except (ClientError, BotoCoreError) as error:
                raise EventsUnavailableError("EventBridge could not be asked.") from error
            # Each entry succeeds or fails by itself.
            if answer["FailedEntryCount"]:
                codes = {each["ErrorCode"] for each in answer["Entries"] if "ErrorCode" in each}
                raise EventsUnavailableError(f"EventBridge refused: {', '.join(sorted(codes))}.")

    def _entry(self, event: Event) -> dict[str, Any]:
        detail = event.detail(installation=self._installation, environment=self._environment)
        return {
            "EventBusName": self._bus,
            "Source": SOURCE,
            "DetailType": event.kind.value,
            "Time": event.time,
            "Detail": json.dumps(detail, ensure_ascii=False),
        }
