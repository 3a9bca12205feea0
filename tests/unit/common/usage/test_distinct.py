"""Numbers of distinct users: exact while they are few, close when they are many."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.usage.distinct import MOST_KEPT, DistinctUsers


def distinct(*users: str) -> DistinctUsers:
    found = DistinctUsers()
    for user in users:
        found.add(user)
    return found


@given(st.lists(st.sampled_from("abcdefgh"), max_size=20), st.lists(st.sampled_from("fghij")))
def test_each_user_counts_once(monday: list[str], tuesday: list[str]) -> None:
    """Of a day and of several days together."""
    days = [distinct(*monday), distinct(*tuesday)]
    both = DistinctUsers(each for day in days for each in day.smallest())

    assert len(set(monday)) == days[0].count()
    assert len({*monday, *tuesday}) == both.count()


@pytest.mark.parametrize("number", [MOST_KEPT - 1, 40_000, 100_000])
def test_many_users_are_estimated(number: int) -> None:
    """Within 3 %: some four standard errors."""
    found = distinct(*(f"user-{n}" for n in range(number)))

    assert number == pytest.approx(found.count(), rel=0.03)
    assert len(found.smallest()) <= MOST_KEPT


def test_the_order_of_users_does_not_matter() -> None:
    """Nor does how often the set was cut down to those that are kept."""
    users = [f"user-{n}" for n in range(50_000)]

    assert distinct(*users).smallest() == distinct(*reversed(users)).smallest()
