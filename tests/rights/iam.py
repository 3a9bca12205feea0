"""Decides as IAM does within one account: a Deny wins, and without an Allow nothing goes.

A library that does this offline is not to be had: moto ignores resources and conditions, parliament
only lints, and MiniStack's evaluator runs inside MiniStack (the end-to-end tests have it decide
every call as well). What this evaluator does not know, it refuses to evaluate.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

type Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """What somebody wants to do.

    Attributes:
        principal: ARN of a role, or name of a service.
        action: Such as `s3:GetObject`.
        context: Condition keys, in lower case, with their values.
    """

    principal: str
    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Statement:
    """One statement of a policy.

    Attributes:
        principals: Patterns; those of an identity policy are the roles that have it.
        condition: Values by operator and key.
    """

    effect: str
    principals: tuple[str, ...]
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def applies_to(self, request: Request) -> bool:
        """Return whether the statement is about *request*."""
        return (
            any(matches(each, request.principal) for each in self.principals)
            # Actions know no case, resources do.
            and any(matches(each.lower(), request.action.lower()) for each in self.actions)
            and any(matches(each, request.resource) for each in self.resources)
            and all(
                _holds(operator, key, as_tuple(expected), dict(request.context))
                for operator, keys in self.condition.items()
                for key, expected in keys.items()
            )
        )


def is_allowed(request: Request, statements: Iterable[Statement]) -> bool:
    """Return whether some statement allows *request* and none denies it."""
    effects = {each.effect for each in statements if each.applies_to(request)}
    return effects == {"Allow"}


def statements_of(document: Json, *, principals: Iterable[str] = ()) -> list[Statement]:
    """Return the statements of a policy; *principals* have it, unless it names its own."""
    return [
        Statement(
            effect=statement["Effect"],
            principals=_principals(statement) if "Principal" in statement else tuple(principals),
            actions=as_tuple(statement["Action"]),
            resources=as_tuple(statement["Resource"]),
            condition=statement.get("Condition", {}),
        )
        for statement in document["Statement"]
        if not _unknown(statement)
    ]


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    parts = (_WILDCARDS.get(character, re.escape(character)) for character in pattern)
    return re.compile("".join(parts), re.DOTALL)


_WILDCARDS = {"*": ".*", "?": "."}


def matches(pattern: str, text: str) -> bool:
    """Return whether *text* is as *pattern*: `*` is any text, `?` one character."""
    return _pattern(pattern).fullmatch(text) is not None


def as_tuple(value: Any) -> tuple[str, ...]:
    """Return the values of *value*, which is one or a list."""
    return tuple(value) if isinstance(value, list) else (value,)


def _principals(statement: Json) -> tuple[str, ...]:
    principal = statement["Principal"]
    if principal == "*":
        return ("*",)
    return tuple(name for names in principal.values() for name in as_tuple(names))


def _unknown(statement: Json) -> bool:
    """Raises: NotImplementedError (an element that is not evaluated here)."""
    known = {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
    if unknown := statement.keys() - known:
        raise NotImplementedError(f"{', '.join(sorted(unknown))} in {statement}")
    return False


def _holds(operator: str, key: str, expected: tuple[str, ...], context: Mapping[str, str]) -> bool:
    """Return whether one condition holds; a key that the request lacks makes it false."""
    if operator not in _OPERATORS:
        raise NotImplementedError(operator)
    actual = context.get(key.lower())
    return actual is not None and any(_OPERATORS[operator](each, actual) for each in expected)


_OPERATORS = {
    "StringEquals": lambda expected, actual: expected == actual,
    "StringLike": matches,
    "ArnEquals": matches,
    "ArnLike": matches,
    "Bool": lambda expected, actual: str(expected).lower() == actual,
}
"""Those of the template."""
