"""Evaluates the part of CloudWatch's metric math that our alarms use, on made-up series.

A series is a list of values, one for each period, None where there is no data.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

type Value = float | None
type Series = Sequence[Value]

_OPERATORS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
}


class UnknownExpressionError(Exception):
    """The expression uses what this evaluator does not know."""


def evaluated(expression: str, series: Mapping[str, Series]) -> list[Value]:
    """Return the series that *expression* makes of *series*, by their ids.

    Raises: UnknownExpressionError.
    """
    # Metric math is written like Python's expressions, as far as our alarms go.
    tree = ast.parse(expression, mode="eval").body
    (length,) = {len(values) for values in series.values()}
    return [
        _value(tree, {id_: values[index] for id_, values in series.items()})
        for index in range(length)
    ]


def _value(node: ast.expr, at: Mapping[str, Value]) -> Value:
    """Return the value of *node* in one period."""
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            return at[name]
        case ast.BinOp(left=left, op=operation, right=right):
            return _combined(operation, _value(left, at), _value(right, at))
        case ast.Compare(left=left, ops=[comparison], comparators=[right]):
            return _combined(comparison, _value(left, at), _value(right, at))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _called(name, arguments, at)
    raise UnknownExpressionError(ast.unparse(node))


def _combined(operation: ast.AST, one: Value, other: Value) -> Value:
    """Return nothing where one of both is missing, or where a number is divided by zero."""
    if one is None or other is None or (isinstance(operation, ast.Div) and not other):
        return None
    return float(_OPERATORS[type(operation)](one, other))


def _called(name: str, arguments: Sequence[ast.expr], at: Mapping[str, Value]) -> Value:
    if name not in {"FILL", "IF"}:
        raise UnknownExpressionError(name)
    value = _value(arguments[0], at)
    if name == "FILL":
        return _value(arguments[1], at) if value is None else value
    return None if value is None else _value(arguments[1] if value else arguments[2], at)
