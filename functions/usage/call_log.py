"""Port to the log of predictions, and CloudWatch Logs behind it."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient

_PATTERN = '"CloudWatchMetrics"'
"""In lines that are metrics, and in few others; as a phrase, which emulators know as well.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html"""


class CallLog(Protocol):
    """The lines that predict has logged."""

    def lines(self, day: date) -> Iterator[str]:
        """Yield the lines of a day in UTC with metrics, perhaps others, in any order."""
        ...


class CloudWatchCallLog:
    """A log group, read in pages of 1 MB or 10,000 lines; some are empty before the last.

    Errors of CloudWatch Logs pass through as botocore's.
    Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
    """

    def __init__(
        self, client: "CloudWatchLogsClient", log_group: str, *, page_lines: int | None = None
    ) -> None:
        self._client = client
        self._log_group = log_group
        self._page = {"PageSize": page_lines} if page_lines else {}

    def lines(self, day: date) -> Iterator[str]:
        start = datetime.combine(day, datetime.min.time(), UTC)
        pages = self._client.get_paginator("filter_log_events").paginate(
            logGroupName=self._log_group,
            startTime=_ms(start),
            # A line of that very millisecond would be in both days.
            endTime=_ms(start + timedelta(days=1)) - 1,
            filterPattern=_PATTERN,
            PaginationConfig=self._page,  # type: ignore[arg-type]  # all are integers
        )
        for page in pages:
            for event in page["events"]:
                yield event["message"]


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
