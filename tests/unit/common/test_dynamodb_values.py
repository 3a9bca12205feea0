"""DynamoDB's typed values are those of boto3."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from functions.common.dynamodb_values import deserialize, serialize

NUMBERS = st.integers(-(10**38) + 1, 10**38 - 1) | st.decimals(
    allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def unwrapped(value: Any) -> Any:
    """Return *value* with plain bytes in place of boto3's wrapping."""
    match value:
        case Binary():
            return bytes(value.value)  # type: ignore[attr-defined]
        case list():
            return [unwrapped(each) for each in value]
        case dict():
            return {name: unwrapped(each) for name, each in value.items()}
    return value


@given(VALUES)
def test_values_are_written_as_boto3_does(value: Any) -> None:
    """Whatever can be stored."""
    assert TypeSerializer().serialize(value) == serialize(value)


@given(VALUES)
def test_values_are_read_as_boto3_does(value: Any) -> None:
    """And are what was written."""
    stored: Any = serialize(value)

    assert value == deserialize(stored) == unwrapped(TypeDeserializer().deserialize(stored))


def test_sets_are_read() -> None:
    """People may have put them beside what we write."""
    assert {Decimal(1), Decimal(2)} == deserialize({"NS": ["1", "2"]})
    assert {"a"} == deserialize({"SS": ["a"]})


@pytest.mark.parametrize("value", [0.5, object(), Decimal("NaN"), Decimal("Infinity")])
def test_what_dynamodb_cannot_hold_is_not_written(value: object) -> None:
    """As with boto3, a float must become a decimal first."""
    with pytest.raises(TypeError):
        serialize(value)


def test_digits_are_not_dropped() -> None:
    """DynamoDB takes 38."""
    with pytest.raises(ArithmeticError):
        serialize(10**38 + 1)


@pytest.mark.parametrize("value", [{}, {"S": "a", "N": "1"}, {"X": 1}, {"N": "one"}])
def test_what_is_no_value_is_refused(value: dict[str, Any]) -> None:
    """An item can hold anything that somebody has written."""
    with pytest.raises((TypeError, ValueError, ArithmeticError)):
        deserialize(value)
