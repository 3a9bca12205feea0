"""Bearer tokens of requests, and their hashes: no stand-in keeps a token."""

import hashlib

from starlette.requests import Request


def bearer(request: Request) -> str:
    """Return the token of the header `Authorization`; empty without one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def digest(token: str) -> str:
    """Return the SHA-256 of *token* in hex digits, which identifies it without showing it."""
    return hashlib.sha256(token.encode()).hexdigest()
