"""The fake event publisher and EventBridge's (moto, with a rule to a queue) behave the same."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import boto3
import jsonschema_rs
import pytest
from botocore.config import Config
from botocore.stub import Stubber
from moto import mock_aws

from functions.provision.announcements.event import SOURCE, Event, EventKind
from functions.provision.announcements.publisher import (
    EventBridgePublisher,
    EventPublisher,
    EventsUnavailableError,
)
from tests.builders import NOON
from tests.fakes.event_publisher import FakeEventPublisher

SCHEMA = jsonschema_rs.validator_for(
    json.loads((Path(__file__).parents[2] / "docs/events.schema.json").read_text())
)
INSTALLATION, ENVIRONMENT = "123456789012-us-east-1", "production"


def an_event(number: int) -> Event:
    return Event(
        kind=EventKind.BUDGET_REACHED,
        subject=f"2026-{number:02}:80",
        time=NOON,
        summary='80 % of the budget are used, "which" is much.',
        facts={"month": f"2026-{number:02}", "percent": 80, "spent_usd": 8.0, "budget_usd": 10.0},
    )


class System(Protocol):
    """A publisher, and the ids of what others have received."""

    publisher: EventPublisher

    def received(self) -> list[str]: ...


class FakeSystem:
    def __init__(self) -> None:
        self.publisher = FakeEventPublisher()

    def received(self) -> list[str]:
        return self.publisher.ids


class EventBridgeSystem:
    """A bus with a rule to a queue; each event that arrives must have the form of the schema."""

    def __init__(self) -> None:
        events, self._queues = boto3.client("events"), boto3.client("sqs")
        events.create_event_bus(Name="models")
        self._queue = self._queues.create_queue(QueueName="heard")["QueueUrl"]
        pattern = json.dumps(
            {"source": [SOURCE], "detail-type": [each.value for each in EventKind]}
        )
        events.put_rule(Name="all", EventBusName="models", EventPattern=pattern)
        arn = self._queues.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])[
            "Attributes"
        ]["QueueArn"]
        events.put_targets(Rule="all", EventBusName="models", Targets=[{"Id": "queue", "Arn": arn}])
        self.publisher = EventBridgePublisher(
            events, "models", installation=INSTALLATION, environment=ENVIRONMENT
        )

    def received(self) -> list[str]:
        found = []
        while messages := self._queues.receive_message(
            QueueUrl=self._queue, MaxNumberOfMessages=10
        ).get("Messages"):
            for each in messages:
                event = json.loads(each["Body"])
                SCHEMA.validate(event)
                assert (INSTALLATION, ENVIRONMENT) == (
                    event["detail"]["installation"],
                    event["detail"]["environment"],
                )
                found.append(event["detail"]["id"])
        return found


@pytest.fixture(params=[FakeSystem, EventBridgeSystem])
def system(request: pytest.FixtureRequest) -> Iterator[System]:
    with mock_aws():
        yield request.param()


@pytest.mark.parametrize("count", [1, 11])
def test_published_events_arrive(system: System, count: int) -> None:
    """Also more than one request can hold."""
    system.publisher.publish(*(an_event(number) for number in range(1, count + 1)))

    expected = [f"2026-{number:02}:80:budget.reached" for number in range(1, count + 1)]
    assert expected == sorted(system.received())


def test_publishing_nothing_is_fine(system: System) -> None:
    """Nothing arrives."""
    system.publisher.publish()

    assert [] == system.received()


def bridge(client: Any) -> EventBridgePublisher:
    return EventBridgePublisher(client, "models", installation="i", environment="e")


def test_an_entry_that_is_refused_is_an_error() -> None:
    """The request itself succeeds then."""
    client = boto3.client("events")
    answer = {
        "FailedEntryCount": 1,
        "Entries": [{"ErrorCode": "ThrottlingException", "ErrorMessage": "Slow down, please."}],
    }
    with Stubber(client) as stubber:
        stubber.add_response("put_events", answer)
        with pytest.raises(EventsUnavailableError, match="refused: ThrottlingException"):
            bridge(client).publish(an_event(1))


def test_a_bus_that_does_not_answer_is_an_error() -> None:
    """As one that may not be used, and the fake's."""
    config = Config(connect_timeout=1, retries={"total_max_attempts": 1})
    client = boto3.client("events", endpoint_url="http://127.0.0.1:9", config=config)
    refusing = boto3.client("events")
    fake = FakeEventPublisher()
    fake.broken = True

    with Stubber(refusing) as stubber:
        stubber.add_client_error("put_events", "AccessDeniedException")
        for publisher in (bridge(client), bridge(refusing), fake):
            with pytest.raises(EventsUnavailableError):
                publisher.publish(an_event(1))
