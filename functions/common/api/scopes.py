"""A key's scopes as one text: all that an authorizer's context can hold.

With spaces between, as OAuth has them (RFC 6749, 3.3), each percent-encoded: a scope that holds a
space stays one, and an ordinary one is what it was.
"""

from collections.abc import Iterable
from urllib.parse import quote, unquote

_AS_THEY_ARE = ":/*"
"""Characters of ordinary scopes, beside letters, digits, `-`, `.`, `_` and `~`."""


def scopes_as_text(scopes: Iterable[str]) -> str:
    """Return *scopes* as a text."""
    return " ".join(quote(scope, safe=_AS_THEY_ARE, errors="replace") for scope in scopes)


def scopes_in(text: str) -> frozenset[str]:
    """Return the scopes in a text of `scopes_as_text`."""
    return frozenset(unquote(scope) for scope in text.split(" ") if scope)
