"""The evaluator decides as IAM does, on cases of its documentation."""

from typing import Any

import pytest

from tests.rights.iam import Request, is_allowed, statements_of

ROLE, TABLE = "arn:aws:iam::1:role/Predict", "arn:aws:dynamodb:us-east-1:1:table/t"
GET = Request(ROLE, "dynamodb:GetItem", TABLE)
OTHER_ACCOUNT = {"StringEquals": {"aws:SourceAccount": "2"}}


def allowed(request: Request, *statements: dict[str, Any]) -> bool:
    """Decide with *statements* as the policy of the role."""
    given = [{"Effect": "Allow", "Resource": TABLE, "Action": GET.action} | s for s in statements]
    return is_allowed(request, statements_of({"Statement": given}, principals=[ROLE]))


def test_nothing_is_allowed_by_itself():
    assert not allowed(GET)


@pytest.mark.parametrize(
    "statement",
    [
        {},
        {"Action": ["dynamodb:Query", "dynamodb:GetItem"]},
        {"Action": "dynamodb:*"},
        {"Action": "dynamodb:getitem"},
        {"Action": "dynamodb:Get????"},
        {"Action": "*"},
        {"Resource": ["arn:aws:s3:::b", TABLE]},
        {"Resource": "arn:aws:dynamodb:*:1:table/*"},
        {"Resource": "*"},
    ],
)
def test_a_statement_that_covers_it_allows(statement: dict[str, Any]):
    assert allowed(GET, statement)


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "dynamodb:PutItem"},
        {"Action": "dynamodb:Get"},
        {"Action": "dynamodb:Get?"},
        {"Resource": f"{TABLE}/index/*"},
        {"Resource": TABLE.upper()},
        {"Resource": TABLE.removesuffix("t")},
        {"Condition": OTHER_ACCOUNT},
        {"Effect": "Deny"},
    ],
)
def test_a_statement_about_something_else_does_not(statement: dict[str, Any]):
    assert not allowed(GET, statement)


def test_a_dot_of_a_pattern_is_a_dot():
    request = Request(ROLE, "s3:GetObject", "arn:aws:s3:::axb/k")
    assert not allowed(request, {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::a.b/*"})


def test_a_deny_wins_wherever_it_stands():
    assert not allowed(GET, {"Effect": "Deny", "Action": "*", "Resource": "*"}, {})
    assert not allowed(GET, {}, {"Effect": "Deny"})


def test_a_deny_about_something_else_does_not_matter():
    assert allowed(GET, {}, {"Effect": "Deny", "Action": "dynamodb:PutItem"})


def test_a_right_is_its_roles_alone():
    other = Request("arn:aws:iam::1:role/Other", GET.action, TABLE)
    assert not allowed(other, {})


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ({"StringEquals": {"aws:SourceAccount": "1"}}, True),
        ({"StringEquals": {"AWS:sourceaccount": ["2", "1"]}}, True),
        ({"StringEquals": {"aws:SourceAccount": "?"}}, False),
        ({"StringLike": {"aws:SourceAccount": "?"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:1:rule/*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:events:*:2:rule/*"}}, False),
        ({"Bool": {"aws:SecureTransport": False}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": "o"}}, False),
        ({"StringEquals": {"aws:SourceAccount": "1"}, "Bool": {"absent": "true"}}, False),
    ],
)
def test_every_condition_must_hold(condition: dict[str, Any], holds: bool):
    context = (
        ("aws:sourceaccount", "1"),
        ("aws:sourcearn", "arn:aws:events:us-east-1:1:rule/r"),
        ("aws:securetransport", "false"),
    )
    assert holds is allowed(Request(ROLE, GET.action, TABLE, context), {"Condition": condition})


@pytest.mark.parametrize(
    ("principal", "holds"),
    [
        ("*", True),
        ({"Service": "events.amazonaws.com"}, True),
        ({"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}, True),
        ({"AWS": "*"}, True),
        ({"Service": "sns.amazonaws.com"}, False),
        ({"AWS": ROLE}, False),
    ],
)
def test_a_resources_policy_names_its_principals(principal: Any, holds: bool):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}
    request = Request("events.amazonaws.com", "sns:Publish", "arn:aws:sns:us-east-1:1:topic")

    assert holds is is_allowed(request, statements_of({"Statement": [statement]}))


@pytest.mark.parametrize(
    "unknown",
    [
        {"NotAction": "s3:*"},
        {"NotResource": "*"},
        {"Condition": {"StringEqualsIgnoreCase": {"aws:SourceAccount": "1"}}},
    ],
)
def test_what_is_not_known_is_not_evaluated(unknown: dict[str, Any]):
    """A guess could hide a missing right."""
    with pytest.raises(NotImplementedError):
        allowed(GET, unknown)
