"""Fingerprints agree where answers do, and nowhere else but within the stated bound."""

import copy
import math
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from functions.common.answers.comparison import difference
from functions.common.answers.fingerprint import SUMS, Fingerprint
from functions.common.answers.flat_answer import LARGEST, TOLERANCE, flattened

MAX_STORED_CHARACTERS = 1_500
numbers = st.floats(-LARGEST / 2, LARGEST / 2) | st.floats(-100, 100) | st.integers(-1_000, 1_000)
scalars = st.none() | st.booleans() | st.text(max_size=5) | numbers
answers = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=6) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=30,
)
long_lists = st.integers(1, 700).flatmap(
    lambda length: st.builds(
        lambda random: [random.gauss(0, 10) for _ in range(length)],
        st.randoms(use_true_random=True),
    )
)


def agree(reference: Any, answer: Any, tolerance: float = TOLERANCE) -> bool:
    """Return whether *answer* agrees with *reference*, which is stored in between."""
    kept = Fingerprint.parsed(Fingerprint.of(reference).text)
    assert kept
    return Fingerprint.of(answer).agrees_with(kept, tolerance)


def moved(answer: Any, by: Any) -> Any:
    """Return *answer* with *by*(its scale) added to each number, in order."""
    scales = iter(flattened(answer).scales)

    def walk(part: Any) -> Any:
        match part:
            case dict():
                return {name: walk(part[name]) for name in sorted(part)}
            case list():
                return [walk(each) for each in part]
            case bool() | None | str():
                return part
        return float(part) + by(next(scales)) if abs(part) <= LARGEST else part

    return walk(answer)


@given(answers | long_lists)
def test_an_answer_agrees_with_itself_exactly(answer: Any) -> None:
    assert agree(answer, copy.deepcopy(answer), tolerance=0)


@given(answers | long_lists, st.randoms(use_true_random=False))
def test_answers_within_the_tolerance_agree(answer: Any, random: Random) -> None:
    """Each number may be off by it, all in one direction or each in its own."""
    within = 0.999 * TOLERANCE

    assert agree(answer, moved(answer, lambda scale: within * scale))
    assert agree(answer, moved(answer, lambda scale: within * scale * random.uniform(-1, 1)))


@given(answers, st.randoms(use_true_random=False), st.sampled_from([0.5, 0.99, 1.01, 2]))
def test_short_answers_agree_where_a_comparison_of_all_numbers_says_so(
    answer: Any, random: Random, times: float
) -> None:
    """Answers at hand are compared by the same rule."""
    other = moved(answer, lambda scale: times * TOLERANCE * scale * random.choice([-1, 0, 1]))

    assert difference(answer, other).within(TOLERANCE) == agree(answer, other)


@given(long_lists, st.data())
def test_one_number_beyond_the_bound_is_seen(answer: list[float], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(answer) - 1))
    scales = flattened(answer).scales[index % SUMS :: SUMS]
    other = list(answer)
    other[index] += data.draw(st.sampled_from([-1, 1])) * 2.001 * TOLERANCE * sum(scales)

    assert not agree(answer, other)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=SUMS), st.data())
def test_each_of_up_to_64_numbers_is_compared_by_itself(
    answer: list[float], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(answer) - 1))
    other = list(answer)
    other[index] += 1.001 * TOLERANCE * flattened(answer).scales[index]

    assert not agree(answer, other)


@given(st.integers(1, 5_000), st.floats(1.01, 1.5))
def test_a_common_change_is_seen_at_any_length(length: int, factor: float) -> None:
    """Weights have one sign, so that changes in one direction add up as the scales do."""
    answer = [1.0 + (number % 7) for number in range(length)]

    assert not agree(answer, [value * factor for value in answer])


@given(st.permutations(range(0, 400, 2)), st.data())
def test_another_order_of_rows_is_seen(answer: list[int], data: st.DataObject) -> None:
    one = data.draw(st.integers(0, len(answer) - 1))
    other = data.draw(st.integers(0, len(answer) - 1).filter(lambda each: (each - one) % SUMS))
    swapped = list(answer)
    swapped[one], swapped[other] = swapped[other], swapped[one]

    assert not agree(answer, swapped)


def test_rows_that_change_places_within_a_sum_are_seen() -> None:
    answer = [float(number % 10) for number in range(2 * SUMS)]
    swapped = answer[SUMS:] + answer[:SUMS]

    assert not agree(answer, swapped)


@given(answers, answers)
def test_answers_of_another_structure_never_agree(one: Any, other: Any) -> None:
    assume(flattened(one).structure != flattened(other).structure)

    assert not agree(one, other, tolerance=0.1)


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        (["yes"], ["no"]),
        (["a", "b"], ["b", "a"]),
        ([{"label": "POSITIVE", "score": 0.9}], [{"label": "NEGATIVE", "score": 0.9}]),
        ([0.5], [math.nan]),
        ([0.5], [None]),
        ([1], [2]),
        ([0], [1]),
        ([0.5], ["0.5"]),
        ([1], [True]),
        ([0.5, 0.5], [[0.5], [0.5]]),
        ([0.5], [0.5, 0.5]),
        ([0.5], []),
        ([0.9, 0.1], [0.1, 0.9]),
        ([1e300], [1.0001e300]),
    ],
)
def test_other_answers_disagree(reference: Any, answer: Any) -> None:
    assert not agree(reference, answer)


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ([1], [1.0]),
        ([math.nan], [None]),
        ({"a": 1, "b": "x"}, {"b": "x", "a": 1}),
        ([0.123456], [0.123457]),
        ([0.0], [1e-9]),
        ([12.5, 0.0003], [12.5, 0.00031]),
    ],
)
def test_equal_answers_agree(reference: Any, answer: Any) -> None:
    """The last ones: what is small beside the others of its list is off by their rounding."""
    assert agree(reference, answer)


def test_a_larger_tolerance_lets_more_pass() -> None:
    assert not agree([1.0], [1.01])
    assert agree([1.0], [1.01], tolerance=0.02)


@given(answers | long_lists)
def test_it_is_small_and_read_back_as_it_was(answer: Any) -> None:
    fingerprint = Fingerprint.of(answer)

    assert fingerprint == Fingerprint.parsed(fingerprint.text)
    assert len(fingerprint.text) <= MAX_STORED_CHARACTERS


def test_it_holds_no_text_of_the_answer() -> None:
    assert "canary" not in Fingerprint.of([{"canary-name": "canary-value"}]).text


def test_a_fingerprint_of_another_form_is_none() -> None:
    assert Fingerprint.parsed("2:ab:cd:ef") is None


def test_the_stored_text_stays_what_it_is() -> None:
    """A deployment that is live keeps its fingerprint for months, over releases of ours."""
    structure = "6fa700f54b68005f129812c27bb099236bba7a4153ea8b05ef1c76848d6e00b4"
    expected = f"1:{structure}:eOw/IFie5z947D8gWJ7nPxcoBFxcTQBAFygEXFxNAEA="

    assert expected == Fingerprint.of([{"a": 1, "b": 2.5}, "x"]).text
