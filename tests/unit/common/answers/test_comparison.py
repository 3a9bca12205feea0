"""How far one answer is from another."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.answers.comparison import Difference, difference

NUMBERS = st.floats(min_value=-1e6, max_value=1e6)
ANSWERS = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.integers(-1_000, 1_000) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


@given(ANSWERS)
def test_an_answer_agrees_with_itself(answer: Any) -> None:
    """Without any tolerance."""
    assert difference(answer, answer).within(0)


@given(st.lists(st.floats(min_value=1, max_value=100), min_size=1), st.floats(-0.0009, 0.0009))
def test_numbers_within_the_tolerance_agree(numbers: list[float], share: float) -> None:
    """Each differs by less than a thousandth of its own size."""
    found = difference(numbers, [number * (1 + share) for number in numbers])

    assert found.within(1e-3)
    assert found.largest == pytest.approx(abs(share), abs=1e-9)


@given(ANSWERS, ANSWERS)
def test_a_larger_tolerance_never_refuses_more(one: Any, other: Any) -> None:
    """And what differs in more than numbers agrees with none."""
    found = difference(one, other)

    assert found.within(0) <= found.within(0.1) <= found.same_structure


@pytest.mark.parametrize(
    ("answer", "largest"),
    [([1.0, 2.0, 4.4], 0.1), ([1.0, 2.0, 4.0], 0.0), ([1.5, 2.2, 4.0], 0.5)],
)
def test_the_largest_difference_is_a_share_of_the_live_number(
    answer: list[float], largest: float
) -> None:
    """Whichever number it is."""
    assert difference([1.0, 2.0, 4.0], answer).largest == pytest.approx(largest)


@pytest.mark.parametrize(
    ("reference", "answer"),
    [(["yes"], ["no"]), ([1.0], [1.0, 2.0]), ([1.0], ["1.0"]), ({"a": 1}, {"b": 1}), (1, None)],
)
def test_what_is_no_number_must_be_equal(reference: Any, answer: Any) -> None:
    """There is no largest difference then."""
    assert Difference(same_structure=False, largest=None) == difference(reference, answer)
    assert not difference(reference, answer).within(1)
