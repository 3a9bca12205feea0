"""The client of auth.hokus.ai, on a function that answers as facts/auth-service.md describes it."""

import json
from collections.abc import Callable, Mapping
from http.client import BadStatusLine, RemoteDisconnected
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.authorizer.auth_service import (
    MAX_ANSWER_BYTES,
    AuthServiceDownError,
    HttpAuthService,
    KeyOwner,
)
from functions.authorizer.bearer import KeyRefusedError
from functions.authorizer.post import Answer

KEY = "hk_live_0123456789abcdef0123456789abcdef"
GOOD = {"user_id": "u1", "key_id": "k1", "service_id": "platform", "scopes": ["model:read"]}
OWNER: dict[str, Any] = {"user_id": "u1", "key_id": "k1"}
ODD: dict[str, list[Any]] = {
    "user_id": [None, "", " ", {}, {"id": 1}, [], True, 1.5],
    "key_id": ["", {}, []],
    "scopes": [{}, [1], [None], [["write"]], [""], "write"],
    "is_admin": ["false", "true", 1, 0, []],
    "has_sufficient_balance": ["false", 0, {}],
    "is_valid": [False, "false", "true", 1],
}
ODD_USERS: list[Any] = [{}, {"id": None}, [1], "u1", {"id": ""}]
ODD_NUMBERS: list[Any] = ["12.5", None, {}, float("nan"), float("inf"), True, 10**400]
type Service = Callable[[bytes, Mapping[str, str]], Answer]


def ask(service: Service, *, key: str = KEY, client_ip: str | None = "203.0.113.7") -> KeyOwner:
    """Validate one key with *service*."""
    auth = HttpAuthService(service_id="platform", post=service)
    return auth.owner_of(key, client_ip=client_ip)


def answering(status: int, body: object) -> Service:
    """Return a service that always gives the same answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _content, _headers: Answer(status, content)


@pytest.mark.parametrize("client_ip", ["203.0.113.7", None])
def test_the_key_is_sent_in_the_header_only(client_ip: str | None) -> None:
    """The caller's address is sent with it if it is known."""
    seen: list[tuple[bytes, Mapping[str, str]]] = []

    def service(content: bytes, headers: Mapping[str, str]) -> Answer:
        seen.append((content, headers))
        return Answer(200, json.dumps(GOOD).encode())

    ask(service, client_ip=client_ip)

    ((content, headers),) = seen
    expected = {"service_id": "platform"} | ({"client_ip": client_ip} if client_ip else {})
    assert expected == json.loads(content)
    assert f"Bearer {KEY}" == headers["Authorization"]


@pytest.mark.parametrize(
    ("body", "owner"),
    [
        (GOOD, KeyOwner(user_id="u1", key_id="k1", scopes=("model:read",))),
        (
            {"key_id": "k1", "user": {"id": 7, "is_admin": True}, "balance": 12.5},
            KeyOwner(user_id="7", key_id="k1", is_admin=True, balance=12.5),
        ),
        (
            GOOD | {"has_sufficient_balance": False, "rate_limit_per_hour": 1000},
            KeyOwner(
                user_id="u1",
                key_id="k1",
                scopes=("model:read",),
                has_sufficient_balance=False,
                rate_limit_per_hour=1000,
            ),
        ),
        (GOOD | {"scopes": None}, KeyOwner(user_id="u1", key_id="k1")),
        (GOOD | {"scopes": ["read write"]}, KeyOwner(**OWNER, scopes=("read write",))),
        (GOOD | {"is_valid": True, "scopes": []}, KeyOwner(**OWNER)),
        (GOOD | {"user_id": 7, "scopes": []}, KeyOwner(user_id="7", key_id="k1")),
        (GOOD | {"user": {"id": 7}, "scopes": []}, KeyOwner(**OWNER)),
        *(
            (GOOD | {"scopes": [], "balance": odd, "rate_limit_per_hour": odd}, KeyOwner(**OWNER))
            for odd in ODD_NUMBERS
        ),
    ],
)
def test_a_valid_key_has_an_owner(body: dict[str, object], owner: KeyOwner) -> None:
    """Its identity is at the top level or in `user`; missing fields have documented defaults."""
    assert owner == ask(answering(200, body))


def test_keys_without_an_id_get_different_ids() -> None:
    """Stored answers of one caller must not reach another; the id may be logged."""
    nameless = answering(200, {"user_id": "u1"})
    ids = {ask(nameless, key="hk_live_" + letter * 32).key_id for letter in "ab"}

    assert 2 == len(ids)
    assert all(16 == len(id_) and id_.isalnum() for id_ in ids)


def test_the_keys_own_rate_limit_is_not_a_refusal() -> None:
    """The caller gets 429, not 401."""
    assert ask(answering(429, b"")).rate_limited


def test_only_401_refuses_a_key() -> None:
    """The answer 401 raises KeyRefusedError."""
    with pytest.raises(KeyRefusedError):
        ask(answering(401, {"detail": "Invalid or expired API key"}))


@pytest.mark.parametrize(
    "key",
    ["", "hk_live_short", "sk_live_" + "a" * 32, KEY + "a", "hk_live_" + "é" * 32, KEY[:-1] + "\n"],
)
def test_malformed_keys_are_refused_without_a_call(key: str) -> None:
    """They cost the service nothing and cannot break a header."""

    def service(_content: bytes, _headers: Mapping[str, str]) -> Answer:
        raise AssertionError("asked")

    with pytest.raises(KeyRefusedError):
        ask(service, key=key)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        *((status, b"") for status in (400, 403, 404, 500, 502, 503, 302)),
        (200, b""),
        (200, b"ok"),
        (200, []),
        (200, None),
        (200, {"scopes": "all"}),
        (200, {}),
        (200, {"key_id": "k1"}),
        *((200, GOOD | {name: odd}) for name, values in ODD.items() for odd in values),
        *((200, {"key_id": "k", "user": odd}) for odd in ODD_USERS),
        (200, GOOD | {"valid": False}),
        (200, GOOD | {"scopes": ["read"] * 101}),
        (200, GOOD | {"user_id": "u" * 257}),
        (200, b'{"user_id": "\\ud800"}'),
        (200, [GOOD]),
        (200, json.dumps(json.dumps(GOOD)).encode()),
        (200, json.dumps(GOOD).encode("utf-16")),
        (200, json.dumps(GOOD).encode()[:-1]),
        (200, json.dumps(GOOD | {"email": "e" * MAX_ANSWER_BYTES}).encode()),
        (200, b"[" * 10_000),
        (201, GOOD),
        (204, b""),
    ],
)
def test_any_other_answer_is_not_a_refusal(status: int, body: object) -> None:
    """Clients discard a key that gets a 401."""
    with pytest.raises(AuthServiceDownError):
        ask(answering(status, body))


@pytest.mark.parametrize(
    "fault",
    [ConnectionError("no"), TimeoutError("slow"), RemoteDisconnected("gone"), BadStatusLine("x")],
)
def test_no_answer_is_not_a_refusal(fault: Exception) -> None:
    """The error does not carry the request, which has the key."""

    def service(_content: bytes, _headers: Mapping[str, str]) -> Answer:
        raise fault

    with pytest.raises(AuthServiceDownError) as raised:
        ask(service)
    assert raised.value.__cause__ is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "user", "is_admin", "has_sufficient_balance", "balance", "valid"]),
        json_values,
    )
)
def test_no_answer_lets_in_who_is_not_named(body: dict[str, Any]) -> None:
    """Whatever the service answers: an owner with a name and flags of their own type, or 503."""
    try:
        owner = ask(answering(200, body))
    except AuthServiceDownError:
        return

    assert owner.user_id.strip()
    assert owner.is_admin is (
        body.get("is_admin") or (body.get("user") or {}).get("is_admin", False)
    )
    assert owner.has_sufficient_balance is (body.get("has_sufficient_balance") is not False)
    assert all(isinstance(scope, str) for scope in owner.scopes)
