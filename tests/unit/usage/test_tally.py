"""Sums of a day: the same in whatever order and company the lines come."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import reduce
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from functions.common.usage.figures import Figures, ModelDay
from functions.common.usage.store import UsersOfDay
from functions.usage.lines import logged_call
from functions.usage.tally import DayTally
from tests.unit.usage.logged import a_line

DAY = date(2026, 11, 30)
MODELS, USERS = ("iris", "wine à la carte", "gone"), ("ada", "zoë", "bob", "")
CALLS: Any = st.fixed_dictionaries(
    {
        "model": st.sampled_from(MODELS),
        "user": st.sampled_from(USERS),
        "status": st.sampled_from([200, 400, 422, 500, 503]),
        "Latency": st.floats(0, 30_000),
        "provider_ms": st.none() | st.floats(0, 30_000),
        "bytes_in": st.integers(0, 6_000_000),
        "deployment": st.sampled_from(["", "d1"]),
    }
)
FOREIGN = st.one_of(
    st.text(),
    st.just(a_line(service="authorizer")),
    st.just(a_line(Latency="secret")),
    st.just('{"message": "provider.failed", "service": "predict"}'),
    CALLS.map(lambda call: a_line(**call)[:-3]),
)


def summed(lines: Sequence[str], **limits: int) -> tuple[Mapping[str, ModelDay], UsersOfDay]:
    tally = DayTally(DAY, **limits)
    for line in lines:
        if call := logged_call(line):
            tally.add(call)
    days = {each.model_id: each for each in tally.models(complete=True)}
    return days, tally.users(complete=True)


def expected_total(calls: Sequence[Mapping[str, Any]]) -> Figures:
    """Return the sums of *calls*, added up in the plainest way."""
    return Figures(
        calls=len(calls),
        faults=sum(call["status"] >= 500 for call in calls),
        refusals=sum(400 <= call["status"] < 500 for call in calls),
        latency_us=sum(round(call["Latency"] * 1000) for call in calls),
        provider_us=sum(round((call["provider_ms"] or 0) * 1000) for call in calls),
        bytes_in=sum(call["bytes_in"] for call in calls),
        bytes_out=40 * len(calls),
    )


@given(st.lists(CALLS, max_size=30), st.lists(FOREIGN, max_size=10), st.randoms())
def test_sums_are_those_of_the_calls(
    calls: list[dict[str, Any]], foreign: list[str], random: Any
) -> None:
    """By model and user, in any order, whatever else is in the log."""
    lines = [*(a_line(**call) for call in calls), *foreign]
    random.shuffle(lines)

    days, users = summed(lines)

    known = {call["model"] for call in calls if call["deployment"]}
    assert known == days.keys()
    for model, day in days.items():
        own = [call for call in calls if call["model"] == model]
        assert expected_total(own) == day.total
        assert expected_total([call for call in own if not call["user"]]) == day.others
        for user in {call["user"] for call in own} - {""}:
            assert (
                expected_total([call for call in own if call["user"] == user]) == (day.users[user])
            )
    assert len(calls) == users.calls
    assert len({call["user"] for call in calls} - {""}) == len(users.hashes)


@given(st.lists(CALLS, max_size=30), st.integers(1, 5))
def test_a_bound_on_memory_loses_no_call(calls: list[dict[str, Any]], most: int) -> None:
    """What has no room among the users is the others'."""
    days, _ = summed([a_line(**call | {"deployment": "d1"}) for call in calls], most_pairs=most)

    for model, day in days.items():
        assert expected_total([call for call in calls if call["model"] == model]) == day.total
    assert sum(len(day.users) for day in days.values()) <= most


def test_names_that_callers_make_up_are_no_models() -> None:
    """Nobody can fill the table with them, or push a model's own calls aside."""
    made_up = [a_line(f"made-up-{number}", deployment="") for number in range(50)]

    days, users = summed([*made_up, a_line()], most_unknown_pairs=10)

    assert ["iris"] == list(days)
    assert 51 == users.calls


def test_nothing_of_a_line_but_names_and_numbers_is_kept() -> None:
    """Whatever got into the log stays there."""
    secret = "hf_canary"
    lines = [
        a_line(key=secret, code=secret, request_id=secret, body=secret, deployment=secret),
        a_line(user=secret * 30),
        a_line(Latency=secret),
    ]

    assert "canary" not in repr(summed(lines))


def test_figures_add_up_whatever_the_grouping() -> None:
    """Whole numbers: floats would not."""
    calls = [logged_call(a_line(Latency=0.1 * n)) for n in range(100)]
    figures = [call.figures for call in calls if call]

    forwards = reduce(Figures.__add__, figures)
    backwards = reduce(Figures.__add__, reversed(figures))

    assert forwards == backwards
