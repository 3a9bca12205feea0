"""The fake log of predictions and CloudWatch Logs behave the same."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.usage.call_log import CallLog, CloudWatchCallLog
from tests.fakes.call_log import FakeCallLog

GROUP, STREAM = "/aws/lambda/predict", "one"
DAY = datetime.now(UTC).date() - timedelta(days=2)
"""CloudWatch takes no line that is older than two weeks."""
MIDNIGHT = datetime.combine(DAY, datetime.min.time(), UTC)

type Put = Callable[[Sequence[tuple[datetime, str]]], None]


def metrics_line(number: int) -> str:
    """Return a line in the embedded metric format."""
    return json.dumps({"_aws": {"CloudWatchMetrics": []}, "service": "predict", "number": number})


def an_empty_group() -> Any:
    client = boto3.client("logs", region_name="us-east-1")
    client.create_log_group(logGroupName=GROUP)
    client.create_log_stream(logGroupName=GROUP, logStreamName=STREAM)
    return client


@pytest.fixture(params=["fake", "cloudwatch"])
def log(request: pytest.FixtureRequest) -> Iterator[tuple[CallLog, Put]]:
    """An empty log that has three lines on a page, and what adds lines to it."""
    if request.param == "fake":
        fake = FakeCallLog()

        def add(lines: Sequence[tuple[datetime, str]]) -> None:
            for at, line in lines:
                fake.kept[at.date()] = [*fake.kept.get(at.date(), ()), line]

        yield fake, add
        return
    with mock_aws():
        client = an_empty_group()

        def put(lines: Sequence[tuple[datetime, str]]) -> None:
            client.put_log_events(
                logGroupName=GROUP,
                logStreamName=STREAM,
                logEvents=[
                    {"timestamp": int(at.timestamp() * 1000), "message": line} for at, line in lines
                ],
            )

        yield CloudWatchCallLog(client, GROUP, page_lines=3), put


def test_a_day_without_lines_has_none(log: tuple[CallLog, Put]) -> None:
    """Nor has the day before the log began."""
    assert [] == list(log[0].lines(DAY))
    assert [] == list(log[0].lines(date(2020, 1, 1)))


def test_every_page_is_read(log: tuple[CallLog, Put]) -> None:
    """Ten lines on four pages; each line comes once."""
    lines = [(MIDNIGHT + timedelta(hours=hour), metrics_line(hour)) for hour in range(10)]
    log[1](lines)

    assert [line for _, line in lines] == sorted(log[0].lines(DAY))


def test_a_line_belongs_to_one_day(log: tuple[CallLog, Put]) -> None:
    """Its own in UTC, to the millisecond."""
    tick = timedelta(milliseconds=1)
    moments = [MIDNIGHT - tick, MIDNIGHT, MIDNIGHT + timedelta(days=1) - tick]
    moments.append(MIDNIGHT + timedelta(days=1))
    log[1]([(at, metrics_line(number)) for number, at in enumerate(moments)])

    found = {
        offset: [json.loads(line)["number"] for line in log[0].lines(DAY + timedelta(days=offset))]
        for offset in (-1, 0, 1)
    }
    assert {-1: [0], 0: [1, 2], 1: [3]} == found


def test_only_lines_with_metrics_are_transferred() -> None:
    """Of CloudWatch: the others are nine of ten where something goes wrong."""
    with mock_aws():
        client = an_empty_group()
        messages = ["START", json.dumps({"message": "request.refused"}), metrics_line(1)]
        at = int(MIDNIGHT.timestamp() * 1000)
        events: Any = [{"timestamp": at, "message": message} for message in messages]
        client.put_log_events(logGroupName=GROUP, logStreamName=STREAM, logEvents=events)

        assert [metrics_line(1)] == list(CloudWatchCallLog(client, GROUP).lines(DAY))
