"""Rolls the log of predictions up into usage by day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from functions.common.deadline import Deadline
from functions.common.deployments.record import utc_now
from functions.common.failures import PublicError
from functions.common.observability import make_logger
from functions.common.usage.distinct import DistinctUsers
from functions.common.usage.store import UsageStore
from functions.usage.call_log import CallLog
from functions.usage.lines import logged_call
from functions.usage.tally import DayTally

LOOK_BACK_DAYS = 7
"""Finished days that are caught up, if they were not rolled up before."""
LOG_SETTLES = timedelta(minutes=10)
"""After its end a day's log is complete: predictions end within half a minute, and CloudWatch takes
seconds to show a line."""
_WEEK, _MONTH = 7, 30
_TIME_FOR_A_DAY_S = 300
"""With less time left no further day is begun."""

logger = make_logger("usage")


class NoSuchDayError(PublicError):
    """A day cannot be rolled up; the message says why and quotes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """Distinct users of the day, week and month (30 days) that end with a day in UTC."""

    day: date
    users_day: int
    users_week: int
    users_month: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledUp:
    """What a run has done.

    Attributes:
        days: Calls by day, in the order in which the days were read.
        adoption: At the end of the first of them; None when there was nothing to do.
    """

    days: dict[date, int]
    adoption: Adoption | None

    def as_json(self) -> dict[str, Any]:
        """Return `{"days": [{"day": "2026-11-30", "calls": 7}], "users_day": 3, …}`."""
        found = self.adoption
        return {
            "days": [{"day": day.isoformat(), "calls": n} for day, n in self.days.items()],
            "users_day": found.users_day if found else None,
            "users_week": found.users_week if found else None,
            "users_month": found.users_month if found else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUp:
    """Reads the log of a day and replaces the day's usage. Running twice changes nothing."""

    log: CallLog
    store: UsageStore
    now: Callable[[], datetime] = utc_now

    def catch_up(self, deadline: Deadline) -> RolledUp:
        """Roll up the days that are over and not complete in the store, the newest first.

        Days for which no time is left are for the next run.
        """
        days: dict[date, int] = {}
        for day in self._missing_days():
            if days and deadline.left_s() < _TIME_FOR_A_DAY_S:
                logger.warning("usage.days_left", next_day=day.isoformat())
                break
            days[day] = self._roll_up(day)
        return RolledUp(days=days, adoption=self._adoption(max(days)) if days else None)

    def day(self, day: date) -> RolledUp:
        """Roll up *day*; today so far is not complete.

        Raises: NoSuchDayError (it has not begun, or the log may not have it any more).
        """
        today = self.now().astimezone(UTC).date()
        if day > today:
            raise NoSuchDayError("The day has not begun yet, in UTC.")
        return RolledUp(days={day: self._roll_up(day)}, adoption=self._adoption(day))

    def _missing_days(self) -> list[date]:
        last = (self.now().astimezone(UTC) - LOG_SETTLES).date() - timedelta(days=1)
        days = [last - timedelta(days=back) for back in range(LOOK_BACK_DAYS)]
        complete = {each.day for each in self.store.users(days[-1], last) if each.complete}
        return [day for day in days if day not in complete]

    def _roll_up(self, day: date) -> int:
        """Roll up *day*; return its calls."""
        complete, tally = self._is_over(day), DayTally(day)
        for line in self.log.lines(day):
            if call := logged_call(line):
                tally.add(call)
        models = 0
        for each in tally.models(complete=complete):
            self.store.write(each)
            models += 1
        # The last write: it says that all others were made.
        replaced = self.store.write_users(tally.users(complete=complete))
        logger.info(
            "usage.rolled_up",
            day=day.isoformat(),
            calls=tally.calls,
            models=models,
            complete=complete,
            replaced=replaced,
        )
        return tally.calls

    def _is_over(self, day: date) -> bool:
        midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
        return self.now() >= midnight + LOG_SETTLES

    def _adoption(self, day: date) -> Adoption:
        days = self.store.users(day - timedelta(days=_MONTH - 1), day)

        def users_of(number: int) -> int:
            first = day - timedelta(days=number - 1)
            return DistinctUsers(
                hashed for each in days if each.day >= first for hashed in each.hashes
            ).count()

        return Adoption(
            day=day,
            users_day=users_of(1),
            users_week=users_of(_WEEK),
            users_month=users_of(_MONTH),
        )
