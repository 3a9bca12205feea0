"""Reading the key from the `Authorization` header."""

from typing import Any

import pytest

from functions.authorizer.bearer import KeyRefusedError, bearer_key

KEY = "hk_live_0123456789abcdef0123456789abcdef"
OTHER = "hk_test_" + "b" * 32


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY}"},
        {"authorization": f"bearer {KEY}"},
        {"AUTHORIZATION": f"BEARER  {KEY} "},
    ],
)
@pytest.mark.parametrize("several", [True, False])
def test_a_key_is_found(headers: dict[str, str], *, several: bool) -> None:
    """In any case of header name and scheme (RFC 9110, 5.1 and 11.1)."""
    multi = {name: [value] for name, value in headers.items()} if several else None

    assert KEY == bearer_key({"headers": headers, "multiValueHeaders": multi})


@pytest.mark.parametrize("prefix", ["hk_live_", "hk_test_", "hk_dev_"])
def test_every_kind_of_key_is_accepted(prefix: str) -> None:
    """With any 32 characters."""
    key = prefix + "!~" * 16

    assert key == bearer_key({"headers": {"Authorization": f"Bearer {key}"}})


@pytest.mark.parametrize(
    "value",
    [
        "",
        KEY,
        "Bearer",
        "Bearer ",
        f"Bearer{KEY}",
        f"Bearer\t{KEY}",
        f"Basic {KEY}",
        "Basic aGs6aGs=",
        f"Token {KEY}",
        f"Bearer {KEY}, Bearer {OTHER}",
        f"Bearer {KEY},{OTHER}",
        f"Bearer {KEY} {OTHER}",
        "Bearer sk_live_" + "a" * 32,
        "Bearer HK_LIVE_" + "a" * 32,
        "Bearer hk_prod_" + "a" * 32,
        f"Bearer {KEY[:-1]}",
        f"Bearer {KEY}a",
        f"Bearer {KEY[:-1]}\n",
        f"Bearer {KEY[:-1]}é",
        'AWS4-HMAC-SHA256 Credential="x"',
    ],
)
def test_anything_else_is_refused(value: str) -> None:
    """Another scheme, none, two keys, another form."""
    for event in (
        {"headers": {"Authorization": value}},
        {"multiValueHeaders": {"Authorization": [value]}},
    ):
        with pytest.raises(KeyRefusedError) as raised:
            bearer_key(event)
        assert KEY not in str(raised.value)


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"headers": None, "multiValueHeaders": None},
        {"headers": {"X-Api-Key": KEY}},
        {"multiValueHeaders": {"Authorization": [f"Bearer {KEY}"] * 2}},
        {"multiValueHeaders": {"Authorization": [f"Bearer {KEY}", "Basic x"]}},
        {"multiValueHeaders": {"authorization": [f"Bearer {KEY}"], "Authorization": ["x"]}},
        {
            "headers": {"Authorization": f"Bearer {KEY}"},
            "multiValueHeaders": {"Authorization": [f"Bearer {OTHER}", f"Bearer {KEY}"]},
        },
    ],
)
def test_no_key_or_two_keys_are_refused(event: dict[str, Any]) -> None:
    """Which of two counts is open; API Gateway's single-value headers have only the last."""
    with pytest.raises(KeyRefusedError):
        bearer_key(event)
