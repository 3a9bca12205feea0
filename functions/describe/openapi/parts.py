"""What both kinds of documents have in common."""

from functions.describe.openapi import Json
from functions.describe.openapi.headers import (
    IDEMPOTENCY_KEY,
    PREFER,
    REQUEST_ID,
    RESPONSE_HEADERS,
)
from functions.describe.openapi.operations import BEARER
from functions.describe.openapi.problems import (
    PROBLEM,
    fault_schema,
    problem_examples,
    problem_schema,
)

OPENAPI = "3.1.0"
API_VERSION = "1"


def document(
    *, info: Json, server: str, paths: Json, schemas: Json, parameters: Json | None = None
) -> Json:
    """A whole document; every part of it that others refer to is in `components`."""
    return {
        "openapi": OPENAPI,
        "info": info,
        "servers": [{"url": server}],
        "security": [{BEARER: []}],
        "paths": paths,
        "components": {
            "schemas": {**schemas, PROBLEM: problem_schema(), "Fault": fault_schema()},
            "parameters": {
                **(parameters or {}),
                "RequestId": REQUEST_ID,
                "Prefer": PREFER,
                "IdempotencyKey": IDEMPOTENCY_KEY,
            },
            "headers": RESPONSE_HEADERS,
            "examples": problem_examples(),
            "securitySchemes": {
                BEARER: {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key of the platform, `hk_…`.",
                }
            },
        },
    }
