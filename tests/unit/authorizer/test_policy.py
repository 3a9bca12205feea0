"""A key's owner as API Gateway's policy and context."""

from functions.authorizer.auth_service import KeyOwner
from functions.authorizer.policy import allowed, as_context

OWNER = KeyOwner(user_id="u", key_id="k", scopes=("a", "b"), balance=1.5, rate_limit_per_hour=9)


def test_a_context_has_plain_values_only() -> None:
    """API Gateway refuses lists and nulls."""
    context = as_context(KeyOwner(user_id="u", key_id="k", scopes=("a", "b")))

    assert "a b" == context["scopes"]
    assert {str, bool} == {type(value) for value in context.values()}


def test_the_context_has_all_that_is_known_of_the_owner() -> None:
    """With the duration of the check."""
    answer = allowed(
        OWNER, "arn:aws:execute-api:r:1:api/live/GET/x", auth_ms=12.345, authorized_at_ms=7
    )

    assert {**as_context(OWNER), "auth_ms": 12.3, "authorized_at_ms": 7} == answer["context"]
    assert {"balance", "rate_limit_per_hour"} < answer["context"].keys()


def test_an_owner_without_a_name_has_a_principal() -> None:
    """Nothing else is known about a key at its rate limit."""
    nameless = KeyOwner(user_id="", key_id="", rate_limited=True)

    assert "unknown" == allowed(nameless, "a/b/c", auth_ms=0, authorized_at_ms=0)["principalId"]
