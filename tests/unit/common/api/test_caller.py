"""Rights of a caller, from the authorizer's context; API Gateway passes every value as text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.authorizer.auth_service import KeyOwner
from functions.authorizer.policy import as_context
from functions.common.api.gateway_event import WRITE_SCOPES, Caller, RequestContext
from functions.common.api.scopes import scopes_as_text, scopes_in
from functions.common.errors import ForbiddenError, InsufficientBalanceError, RateLimitedError


def request_of(owner: KeyOwner) -> RequestContext:
    """Return a request of that owner, with the context as text."""
    context = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in as_context(owner).items()
    }
    return RequestContext.from_event({"requestContext": {"authorizer": context}})


def an_owner(**changes: Any) -> KeyOwner:
    """Return the owner of a key that may read."""
    return KeyOwner(**{"user_id": "user-1", "key_id": "key-1", "scopes": ("model:read",)} | changes)


@pytest.mark.parametrize("scope", WRITE_SCOPES)
def test_each_write_scope_suffices(scope: str) -> None:
    """Alone or beside others; the caller's id is logged."""
    request = request_of(an_owner(scopes=("model:read", scope)))

    assert Caller(user_id="user-1", key_id="key-1") == request.admit_writer()


def test_the_write_scopes_are_those_of_the_platform() -> None:
    """Any further scope would grant a right by mistake."""
    expected = "model:write mlflow:write mlflow:access mlflow:admin admin write full_access"

    assert set(expected.split()) == set(WRITE_SCOPES)


def test_an_administrator_needs_no_scope() -> None:
    """The account is an administrator's according to auth.hokus.ai."""
    request = request_of(an_owner(scopes=(), is_admin=True))

    assert Caller(user_id="user-1", key_id="key-1") == request.admit_writer()


@pytest.mark.parametrize(
    "scopes",
    [
        (),
        ("model:read", "mlflow:read"),
        ("model:writer",),
        ("model", "read"),
        ("Model:Write",),
        ("read write",),
        ("x admin y",),
        ("write\t",),
        ("\u00a0admin",),
        ("%77rite",),
        ("read%20write",),
        ("read+write",),
        ("read\nwrite",),
    ],
)
def test_another_scope_is_forbidden(scopes: tuple[str, ...]) -> None:
    """Neither a part of a scope's name nor another case of it counts."""
    with pytest.raises(ForbiddenError):
        request_of(an_owner(scopes=scopes)).admit_writer()


@given(st.lists(st.text(min_size=1)))
def test_scopes_travel_as_they_are(scopes: list[str]) -> None:
    """Whatever they hold, none becomes two, and none another one. The text is plain ASCII."""
    text = scopes_as_text(scopes)

    assert set(scopes) == scopes_in(text)
    assert text.isascii()
    assert text.isprintable()


def test_an_ordinary_scope_is_not_encoded() -> None:
    """Logs and API Gateway's cached contexts have it as it is."""
    assert "model:read mlflow:* full_access" == scopes_as_text(
        ["model:read", "mlflow:*", "full_access"]
    )


def test_a_context_without_scopes_is_forbidden() -> None:
    """A missing scope grants nothing."""
    event = {"requestContext": {"authorizer": {"user_id": "user-1"}}}
    with pytest.raises(ForbiddenError):
        RequestContext.from_event(event).admit_writer()


def test_a_valid_key_is_admitted() -> None:
    """Reading and predicting need no scope."""
    admitted = request_of(an_owner(scopes=())).admit()

    assert Caller(user_id="user-1", key_id="key-1") == admitted


def test_idempotency_scopes_differ_by_caller_and_model() -> None:
    """Whatever names they have."""
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
def test_a_key_that_is_not_admitted(owner: KeyOwner, error: type[Exception]) -> None:
    """Each cause has its own status."""
    with pytest.raises(error):
        request_of(owner).admit()
