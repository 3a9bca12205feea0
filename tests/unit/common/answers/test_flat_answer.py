"""An answer is taken apart into its structure and its numbers."""

import math
from typing import Any

import pytest

from functions.common.answers.flat_answer import LARGEST, SMALLEST_SCALE, flattened


def test_numbers_come_in_order_and_leave_zeros() -> None:
    answer = flattened([{"b": 2.5, "a": [1, "x", None, True]}, -3])

    assert '[{"a":[0,"x",null,true],"b":0},0]' == answer.structure
    assert [1.0, 2.5, -3.0] == answer.numbers


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        ([1], [2]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (math.nan, None),
        ([math.inf], [None]),
        (10**400, None),
    ],
)
def test_structures_are_equal(one: Any, other: Any) -> None:
    assert flattened(one).structure == flattened(other).structure


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, None),
        (1, True),
        (1, "1"),
        (0, "0"),
        ([], {}),
        ([1], 1),
        ([1], [1, 1]),
        ([[1], [1]], [[1, 1]]),
        (["a", "b"], ["b", "a"]),
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": 1, "b": None}),
        ("caf\u00e9", "cafe\u0301"),
        (10 * LARGEST, 1.0),
        (10 * LARGEST, 20 * LARGEST),
    ],
)
def test_structures_differ(one: Any, other: Any) -> None:
    assert flattened(one).structure != flattened(other).structure


def test_a_scale_is_the_numbers_own_size_or_follows_the_largest_of_its_list() -> None:
    answer = flattened([[200.0, -0.5, 3, "x"], {"a": -0.5, "b": 200.0}, 0])

    assert [200.0, 2.0, 3.0, 0.5, 200.0, SMALLEST_SCALE] == answer.scales


def test_what_is_no_number_to_readers_gives_no_scale() -> None:
    answer = flattened([math.nan, 10 * LARGEST, True, 10**400, 1.0, 0.0])

    assert [1.0, 0.01] == answer.scales


def test_half_a_surrogate_pair_is_text_like_any_other() -> None:
    assert '["\\ud83d",0]' == flattened(["\ud83d", 1]).structure
