"""Sizes of items as DynamoDB counts them."""

import json
from math import ceil
from typing import Any

type Item = dict[str, Any]

MAX_ITEM_BYTES = 400 * 1024
"""Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html"""
_NOT_SIGNIFICANT = "-.0"


def item_size(item: Item) -> int:
    """Return the bytes of *item*, names of attributes included.

    Source:
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
    """
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Item) -> int:
    match value:
        case {"S": str(text)}:
            return len(text.encode())
        case {"B": content}:
            return len(bytes(content))
        case {"N": str(number)}:
            return ceil(len(number.strip(_NOT_SIGNIFICANT)) / 2) + 1
        case {"BOOL": _} | {"NULL": _}:
            return 1
        case {"L": list(values)}:
            return 3 + sum(1 + _value_size(each) for each in values)
        case {"M": dict(values)}:
            return 3 + len(values) + item_size(values)
    raise NotImplementedError(json.dumps(value))
