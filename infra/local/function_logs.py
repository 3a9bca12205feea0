"""Copies the functions' logs from MiniStack's CloudWatch to a file; a process of the local system.

`python -m infra.local.function_logs <AWS's URL> <file>`: MiniStack's own output lacks the functions
that a workflow calls, and is lost with it.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.local.deployment import aws_client
from infra.local.parts import ROOT
from infra.local.processes import Running, start

FILE = "functions.log"
"""In the folder of a system's logs."""
_EVERY_S = 3.0
_OVERLAP_MS = 60_000
"""Events that are written later than their own time says are still found."""


class LogCopier:
    """Appends every event of the functions' log groups to *file*, once."""

    def __init__(self, logs: Any, file: Path) -> None:
        self._logs = logs
        self._file = file
        self._copied: dict[tuple[object, ...], int] = {}
        self._newest_ms = 0

    def copy(self) -> None:
        """Append what is new. Raises: BotoCoreError, ClientError."""
        since_ms = max(0, self._newest_ms - _OVERLAP_MS)
        self._copied = {id_: at for id_, at in self._copied.items() if at >= since_ms}
        lines = sorted(self._new_lines(since_ms))
        if lines:
            with self._file.open("a") as file:
                file.writelines(lines)

    def _new_lines(self, since_ms: int) -> Iterator[str]:
        for group in self._logs.describe_log_groups()["logGroups"]:
            name = group["logGroupName"]
            pages = self._logs.get_paginator("filter_log_events").paginate(
                logGroupName=name, startTime=since_ms
            )
            for event in (each for page in pages for each in page["events"]):
                # MiniStack gives some events no id.
                id_ = (name, event["logStreamName"], event["timestamp"], event["message"])
                if id_ not in self._copied:
                    self._copied[id_] = event["timestamp"]
                    self._newest_ms = max(self._newest_ms, event["timestamp"])
                    yield _line(name, event)


def _line(group: str, event: Any) -> str:
    time_ = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    function = group.rpartition("/")[2]
    return f"{time_:%Y-%m-%d %H:%M:%S.%f} {function} {event['message'].rstrip()}\n"


def start_copying(aws_url: str, *, logs: Path) -> Running:
    """Start copying to `FILE` in the folder *logs*; return the process."""
    return start(
        "function logs",
        (sys.executable, "-m", "infra.local.function_logs", aws_url, str(logs / FILE)),
        log=logs / "function_logs.log",
        environment={"PYTHONPATH": str(ROOT)},
    )


def main() -> None:
    """Copy until the process is ended, also while AWS does not answer."""
    copier = LogCopier(aws_client("logs", sys.argv[1]), Path(sys.argv[2]))
    while True:
        with suppress(BotoCoreError, ClientError):
            copier.copy()
        time.sleep(_EVERY_S)


if __name__ == "__main__":
    main()
