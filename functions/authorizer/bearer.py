"""The API key in a request's headers."""

import re
from collections.abc import Mapping
from typing import Any

from functions.common.api.gateway_event import authorization_headers

_KEY_FORM = re.compile(r"hk_(live|test|dev)_[!-~]{32}")
"""Printable ASCII: whatever else the 32 characters may be, they can travel in a header."""


class KeyRefusedError(Exception):
    """The key is bad, revoked or expired, or not good for this service or address."""


def bearer_key(event: Mapping[str, Any]) -> str:
    """The one key in `Authorization: Bearer <key>`; the scheme's case does not matter.

    Raises: KeyRefusedError (no key, more than one, or another scheme or form).
    """
    values = authorization_headers(event)
    if len(values) != 1:
        raise KeyRefusedError(f"{len(values)} Authorization headers")
    scheme, _, key = values[0].partition(" ")
    if scheme.lower() != "bearer":
        raise KeyRefusedError("not the scheme Bearer")
    check_form(key.strip(" "))
    return key.strip(" ")


def check_form(key: str) -> None:
    """Raises: KeyRefusedError."""
    if not _KEY_FORM.fullmatch(key):
        raise KeyRefusedError("not the form of an API key")
