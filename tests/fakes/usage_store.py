"""In-memory `UsageStore`; tests/contract runs the same tests on DynamoDB."""

from collections.abc import Sequence
from datetime import date

from functions.common.usage.figures import ModelDay
from functions.common.usage.store import UsersOfDay


class FakeUsageStore:
    """Days in `kept` by model and day, users in `kept_users` by day.

    Set `error` to make every call fail; `writes` counts those that were made.
    """

    def __init__(self, *days: ModelDay) -> None:
        self.kept = {(each.model_id, each.day): each for each in days}
        self.kept_users: dict[date, UsersOfDay] = {}
        self.error: Exception | None = None
        self.writes = 0

    def write(self, day: ModelDay) -> bool:
        self._fail()
        stored = self.kept.get((day.model_id, day.day))
        if stored and stored.total.calls > day.total.calls:
            return False
        self.kept[day.model_id, day.day] = day
        self.writes += 1
        return True

    def days(self, model_id: str, first: date, last: date) -> Sequence[ModelDay]:
        self._fail()
        found = [each for each in self.kept.values() if each.model_id == model_id]
        return sorted(
            (each for each in found if first <= each.day <= last), key=lambda each: each.day
        )

    def write_users(self, day: UsersOfDay) -> bool:
        self._fail()
        stored = self.kept_users.get(day.day)
        if stored and stored.calls > day.calls:
            return False
        self.kept_users[day.day] = day
        self.writes += 1
        return True

    def users(self, first: date, last: date) -> Sequence[UsersOfDay]:
        self._fail()
        return [self.kept_users[day] for day in sorted(self.kept_users) if first <= day <= last]

    def _fail(self) -> None:
        if self.error:
            raise self.error.with_traceback(None)
