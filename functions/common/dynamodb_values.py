"""Python values as DynamoDB's typed values, and back.

As boto3's `dynamodb.types`, whose import loads boto3's resources and S3 transfers with it. Numbers
are read as `Decimal`.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

_DIGITS = 38
"""The most that a number may have.
Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html"""


def serialize(value: Any) -> dict[str, Any]:  # noqa: PLR0911 - one return for each type
    """Return *value* with its type.

    Raises: TypeError (a float, or what DynamoDB has no type for), ArithmeticError.
    """
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case bytes():
            return {"B": value}
        case int() | Decimal():
            return {"N": _number(value)}
        case list() | tuple():
            return {"L": [serialize(each) for each in value]}
        case Mapping():
            return {"M": {name: serialize(each) for name, each in value.items()}}
    raise TypeError(f"DynamoDB has no type for {type(value).__name__}.")


def deserialize(value: Mapping[str, Any]) -> Any:
    """Return the Python value of a typed one. Raises: TypeError, ValueError, ArithmeticError."""
    ((type_, content),) = value.items()
    if type_ not in _READERS:
        raise TypeError(f"There is no type {type_} in DynamoDB.")
    return _READERS[type_](content)


def _number(value: int | Decimal) -> str:
    """Return digits that DynamoDB takes. Raises: TypeError, ArithmeticError (too many digits)."""
    number = Decimal(value)
    if not number.is_finite():
        raise TypeError("DynamoDB has no number for infinity, and none for NaN.")
    if len(number.as_tuple().digits) > _DIGITS:
        raise ArithmeticError(f"A number in DynamoDB has at most {_DIGITS} digits.")
    return str(number)


def _as_it_is(content: Any) -> Any:
    return content


_READERS: dict[str, Callable[[Any], Any]] = {
    "NULL": lambda _content: None,
    "BOOL": _as_it_is,
    "S": _as_it_is,
    "B": _as_it_is,
    "N": Decimal,
    "L": lambda content: [deserialize(each) for each in content],
    "M": lambda content: {name: deserialize(each) for name, each in content.items()},
    "NS": lambda content: {Decimal(each) for each in content},
    "SS": set,
    "BS": set,
}
