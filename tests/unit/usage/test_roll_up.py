"""The roll-up: which days are read, and what is stored of them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from functions.common.deadline import Deadline
from functions.usage.roll_up import LOOK_BACK_DAYS, NoSuchDayError, RollUp
from tests.fakes.call_log import FakeCallLog
from tests.fakes.usage_store import FakeUsageStore
from tests.unit.usage.logged import a_line

NIGHT = datetime(2026, 11, 30, 0, 20, tzinfo=UTC)
TODAY, YESTERDAY = date(2026, 11, 30), date(2026, 11, 29)


class Rolling:
    """The roll-up on fakes, at twenty past midnight."""

    def __init__(self) -> None:
        self.log, self.store, self.now = FakeCallLog(), FakeUsageStore(), NIGHT
        self.roll_up = RollUp(log=self.log, store=self.store, now=lambda: self.now)
        self.left_s = 900.0

    def run(self) -> dict[date, int]:
        return self.roll_up.catch_up(Deadline(self.left_s, clock=lambda: 0.0)).days

    def put(self, day: date, *lines: str) -> None:
        self.log.kept[day] = [*self.log.kept.get(day, ()), *lines]


@pytest.fixture
def rolling() -> Rolling:
    return Rolling()


def days_before(day: date, numbers: Sequence[int]) -> list[date]:
    return [day - timedelta(days=number) for number in numbers]


def test_the_finished_day_is_rolled_up(rolling: Rolling) -> None:
    """By model and user; today is not over."""
    rolling.put(YESTERDAY, a_line(), a_line(user="zoë"), a_line("wine"))
    rolling.put(TODAY, a_line())

    rolling.run()

    (iris,) = rolling.store.days("iris", YESTERDAY, TODAY)
    assert (YESTERDAY, True) == (iris.day, iris.complete)
    assert {"ada": 1, "zoë": 1} == {user: each.calls for user, each in iris.users.items()}
    assert 1 == rolling.store.days("wine", YESTERDAY, TODAY)[0].total.calls


def test_a_second_run_reads_nothing(rolling: Rolling) -> None:
    """What is complete is known by the store."""
    rolling.put(YESTERDAY, a_line())
    rolling.run()
    stored = dict(rolling.store.kept)
    rolling.log.read.clear()

    assert {} == rolling.run()
    assert [] == rolling.log.read
    assert stored == rolling.store.kept


def test_a_repeated_day_is_the_same(rolling: Rolling) -> None:
    """Nothing is counted twice."""
    rolling.put(YESTERDAY, a_line(), a_line())
    rolling.run()
    stored = dict(rolling.store.kept), dict(rolling.store.kept_users)

    rolling.roll_up.day(YESTERDAY)

    assert stored == (rolling.store.kept, rolling.store.kept_users)


def test_missed_days_are_caught_up(rolling: Rolling) -> None:
    """The newest first, as far back as a week."""
    assert days_before(YESTERDAY, range(LOOK_BACK_DAYS)) == list(rolling.run())
    rolling.now += timedelta(days=3)

    assert days_before(YESTERDAY + timedelta(days=3), range(3)) == list(rolling.run())


def test_a_run_that_breaks_leaves_its_day_to_the_next(rolling: Rolling) -> None:
    """The day's last write is missing."""
    rolling.put(YESTERDAY, a_line())
    rolling.log.error = ConnectionError()
    with pytest.raises(ConnectionError):
        rolling.run()
    rolling.log.error = None

    assert 1 == rolling.run()[YESTERDAY]
    assert 1 == rolling.store.days("iris", YESTERDAY, YESTERDAY)[0].total.calls


def test_a_run_that_breaks_among_its_writes_is_repeated(rolling: Rolling) -> None:
    """Some models were written: they are replaced."""
    rolling.put(YESTERDAY, a_line(), a_line("wine"))
    rolling.run()
    del rolling.store.kept_users[YESTERDAY]
    del rolling.store.kept["wine", YESTERDAY]

    rolling.run()

    calls = {name: each.total.calls for (name, _), each in rolling.store.kept.items()}
    assert {"iris": 1, "wine": 1} == calls


def test_without_time_no_further_day_is_begun(rolling: Rolling) -> None:
    """The newest day is read all the same; one a night at least."""
    rolling.left_s = 299.0

    assert [YESTERDAY] == list(rolling.run())
    assert days_before(YESTERDAY, [1]) == list(rolling.run())


def test_today_so_far_is_not_complete(rolling: Rolling) -> None:
    """So the night reads it again."""
    rolling.now = NIGHT + timedelta(hours=12)
    rolling.put(TODAY, a_line())
    assert {TODAY: 1} == rolling.roll_up.day(TODAY).days
    assert not rolling.store.days("iris", TODAY, TODAY)[0].complete
    rolling.put(TODAY, a_line())
    rolling.now = NIGHT + timedelta(days=1)

    rolling.run()

    (day,) = rolling.store.days("iris", TODAY, TODAY)
    assert (2, True) == (day.total.calls, day.complete)


def test_a_day_whose_last_lines_may_still_arrive_is_not_complete(rolling: Rolling) -> None:
    """For ten minutes."""
    rolling.now = datetime(2026, 11, 30, 0, 9, 59, tzinfo=UTC)
    rolling.put(YESTERDAY, a_line())

    assert YESTERDAY not in rolling.run()
    rolling.roll_up.day(YESTERDAY)

    assert not rolling.store.days("iris", YESTERDAY, YESTERDAY)[0].complete


def test_a_day_whose_log_has_expired_stays_as_it_is(rolling: Rolling) -> None:
    """Asked for again a year later."""
    rolling.put(YESTERDAY, a_line(), a_line())
    rolling.run()
    rolling.log.kept[YESTERDAY] = [a_line()]

    rolling.roll_up.day(YESTERDAY)

    assert 2 == rolling.store.days("iris", YESTERDAY, YESTERDAY)[0].total.calls


def test_a_day_that_has_not_begun_is_refused(rolling: Rolling) -> None:
    """By the clock in UTC."""
    with pytest.raises(NoSuchDayError, match="not begun"):
        rolling.roll_up.day(TODAY + timedelta(days=1))


def test_adoption_counts_each_user_once(rolling: Rolling) -> None:
    """On a day, in a week and in 30 days, over all models."""
    rolling.put(YESTERDAY, a_line(), a_line("wine"), a_line(user="zoë"))
    for back, user in [(1, "zoë"), (6, "bob"), (7, "eve"), (29, "kim"), (30, "lee")]:
        rolling.put(YESTERDAY - timedelta(days=back), a_line(user=user))
    for back in range(31):
        rolling.roll_up.day(YESTERDAY - timedelta(days=back))

    found = rolling.roll_up.day(YESTERDAY).adoption

    assert found
    assert (2, 3, 5) == (found.users_day, found.users_week, found.users_month)
