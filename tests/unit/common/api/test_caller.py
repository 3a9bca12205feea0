"""What the authorizer's context lets a caller do; API Gateway hands every value over as text."""

from typing import Any

import pytest

from functions.authorizer.auth_service import KeyOwner
from functions.authorizer.policy import as_context
from functions.common.api.gateway_event import WRITE_SCOPES, Caller, RequestContext
from functions.common.errors import ForbiddenError, InsufficientBalanceError, RateLimitedError


def request_of(owner: KeyOwner) -> RequestContext:
    """A request of that owner; API Gateway passes the authorizer's values on as text."""
    context = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in as_context(owner).items()
    }
    return RequestContext.from_event({"requestContext": {"authorizer": context}})


def an_owner(**changes: Any) -> KeyOwner:
    """Of a key that may read."""
    return KeyOwner(**{"user_id": "user-1", "key_id": "key-1", "scopes": ("model:read",)} | changes)


@pytest.mark.parametrize("scope", WRITE_SCOPES)
def test_each_write_scope_suffices(scope: str) -> None:
    """Beside others; who it is goes into the log."""
    request = request_of(an_owner(scopes=("model:read", scope)))

    assert Caller(user_id="user-1", key_id="key-1") == request.admit_writer()


def test_the_write_scopes_are_those_of_the_platform() -> None:
    """A scope more would open a door."""
    expected = "model:write mlflow:write mlflow:access mlflow:admin admin write full_access"

    assert set(expected.split()) == set(WRITE_SCOPES)


def test_an_administrator_needs_no_scope() -> None:
    """The service says so of the account."""
    request = request_of(an_owner(scopes=(), is_admin=True))

    assert Caller(user_id="user-1", key_id="key-1") == request.admit_writer()


@pytest.mark.parametrize(
    "scopes",
    [(), ("model:read", "mlflow:read"), ("model:writer",), ("model", "read"), ("Model:Write",)],
)
def test_another_scope_is_forbidden(scopes: tuple[str, ...]) -> None:
    """A part of a name, or another case, is not the scope."""
    with pytest.raises(ForbiddenError):
        request_of(an_owner(scopes=scopes)).admit_writer()


def test_a_context_without_scopes_is_forbidden() -> None:
    """What is not known is not allowed."""
    event = {"requestContext": {"authorizer": {"user_id": "user-1"}}}
    with pytest.raises(ForbiddenError):
        RequestContext.from_event(event).admit_writer()


def test_a_good_key_is_let_in() -> None:
    """It needs no scope for that."""
    admitted = request_of(an_owner(scopes=())).admit()

    assert Caller(user_id="user-1", key_id="key-1") == admitted


def test_callers_and_models_have_scopes_of_their_own() -> None:
    """However names are chosen."""
    callers = [("u", "k"), ("u/k", ""), ("", "u/k"), ("u", "k2")]
    scopes = {
        Caller(user_id=user_id, key_id=key_id).scope(model)
        for user_id, key_id in callers
        for model in ("iris", "k/iris")
    }

    assert 8 == len(scopes)


@pytest.mark.parametrize(
    ("owner", "error"),
    [
        (an_owner(rate_limited=True), RateLimitedError),
        (an_owner(has_sufficient_balance=False), InsufficientBalanceError),
    ],
)
def test_a_key_that_is_not_let_in(owner: KeyOwner, error: type[Exception]) -> None:
    """Each with its own status."""
    with pytest.raises(error):
        request_of(owner).admit()
