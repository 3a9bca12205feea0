"""Headers in a document, those of requests and those of answers."""

from functions.describe.openapi import Json

_SANE_ID = "^[A-Za-z0-9._-]{1,128}$"
_REF = "#/components/headers/"

RESPONSE_HEADERS: Json = {
    "X-Request-Id": {
        "description": "The request's id: the caller's own if it sent a sane one.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Server-Timing": {
        "description": "Milliseconds that the steps took: auth, lookup, provider, total.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds after which a retry can help.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "WWW-Authenticate": {
        "description": "How to authenticate.",
        "schema": {"type": "string", "const": "Bearer"},
    },
    "Allow": {
        "description": "The methods that the address takes.",
        "schema": {"type": "string"},
    },
    "Idempotency-Replayed": {
        "description": "`true`: the answer is that of an earlier request of the same key.",
        "schema": {"type": "string", "const": "true"},
    },
}

REQUEST_ID: Json = {
    "name": "X-Request-Id",
    "in": "header",
    "description": "An id of your own for this request, which its answer repeats.",
    "schema": {"type": "string", "pattern": _SANE_ID},
}
PREFER: Json = {
    "name": "Prefer",
    "in": "header",
    "description": (
        "`wait=20`: rather than be told that the model is starting, wait for it up to 20 seconds "
        "(RFC 7240), within the prediction's deadline."
    ),
    "schema": {"type": "string", "pattern": "^wait=[0-9]{1,2}$"},
}
IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "The same key and body by the same caller within the hour give the same answer, and the "
        "model is asked once."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}


def header_refs(*names: str) -> Json:
    return {name: {"$ref": f"{_REF}{name}"} for name in names}


def parameter_refs(*names: str) -> list[Json]:
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]
