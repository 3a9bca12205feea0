"""In-memory `CallLog`; tests/contract runs the same tests on CloudWatch Logs."""

from collections.abc import Iterator, Sequence
from datetime import date


class FakeCallLog:
    """Lines by day in `kept`. Set `error` to make the reading fail after all of them."""

    def __init__(self) -> None:
        self.kept: dict[date, Sequence[str]] = {}
        self.error: Exception | None = None
        self.read: list[date] = []

    def lines(self, day: date) -> Iterator[str]:
        self.read.append(day)
        yield from self.kept.get(day, ())
        if self.error:
            raise self.error.with_traceback(None)
