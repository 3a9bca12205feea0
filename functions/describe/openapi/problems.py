"""Errors in a document: their one schema, and the answers by which they come."""

from collections.abc import Iterator, Sequence
from functools import cache

from functions.common.errors import Fault, InvalidInputError, MethodNotAllowedError, ServiceError
from functions.common.problem import CONTENT_TYPE, TYPE_BASE, problem
from functions.describe.openapi import Json
from functions.describe.openapi.headers import header_refs

PROBLEM = "Problem"
_EXAMPLES = "#/components/examples/"
_EXAMPLE_FAULT = Fault(pointer="/inputs/0/age", message="a number")


@cache
def errors() -> dict[str, type[ServiceError]]:
    """By code, the error that it belongs to."""
    known: dict[str, type[ServiceError]] = {}
    for each in _family(ServiceError):
        known.setdefault(each.code, each)
    return known


def problem_schema() -> Json:
    """Of every error's body (RFC 9457)."""
    return {
        "title": PROBLEM,
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "properties": {
            "type": {"type": "string", "format": "uri", "description": "Explains the code."},
            "title": {"type": "string", "description": "The code in words."},
            "status": {"type": "integer", "description": "The answer's HTTP status."},
            "detail": {"type": "string", "description": "What happened, for people."},
            "code": {
                "type": "string",
                "enum": sorted(errors()),
                "description": "What happened, for programs.",
            },
            "request_id": {"type": "string", "description": "Name it when you ask for help."},
            "retryable": {
                "type": "boolean",
                "description": "Whether the same request can succeed later.",
            },
            "retry_after_s": {
                "type": "integer",
                "minimum": 0,
                "description": "Seconds to wait before that, as in the header Retry-After.",
            },
            "errors": {
                "type": "array",
                "items": {"$ref": "#/components/schemas/Fault"},
                "description": "With `invalid_input`: what is wrong, and where; the first ones.",
            },
        },
        "required": ["type", "title", "status", "detail", "code", "request_id", "retryable"],
    }


def fault_schema() -> Json:
    """Of one thing that is wrong with an input."""
    return {
        "title": "Fault",
        "type": "object",
        "properties": {
            "pointer": {
                "type": "string",
                "description": "JSON pointer (RFC 6901) into the request's body.",
            },
            "message": {"type": "string", "description": "What is expected there."},
        },
        "required": ["pointer", "message"],
    }


def problem_examples() -> Json:
    """One of every code, to which the answers refer."""
    return {code: {"value": _example(error)} for code, error in errors().items()}


def problem_responses(codes: Sequence[str]) -> Json:
    """Responses by status for the errors of those *codes*."""
    by_status: dict[int, list[type[ServiceError]]] = {}
    for code in sorted(set(codes)):
        by_status.setdefault(errors()[code].status, []).append(errors()[code])
    return {str(status): problem_response(by_status[status]) for status in sorted(by_status)}


def problem_response(of: Sequence[type[ServiceError]]) -> Json:
    """The response of one status, by which any of these errors comes."""
    explained = ", ".join(f"{each.title}: [`{each.code}`]({TYPE_BASE}{each.code})" for each in of)
    return {
        "description": f"{explained}.",
        "headers": header_refs(*_headers(of)),
        "content": {
            CONTENT_TYPE: {
                "schema": {"$ref": f"#/components/schemas/{PROBLEM}"},
                "examples": {each.code: {"$ref": f"{_EXAMPLES}{each.code}"} for each in of},
            }
        },
    }


def _family(error: type[ServiceError]) -> Iterator[type[ServiceError]]:
    """*error* and all that are derived from it, the general before the special."""
    yield error
    for each in error.__subclasses__():
        yield from _family(each)


def _headers(of: Sequence[type[ServiceError]]) -> Iterator[str]:
    yield "X-Request-Id"
    if any(each.default_retry_after_s is not None for each in of):
        yield "Retry-After"
    if any(each.status == 401 for each in of):  # noqa: PLR2004 - RFC 9110, 11.6.1
        yield "WWW-Authenticate"
    if MethodNotAllowedError in of:
        yield "Allow"


def _example(error: type[ServiceError]) -> Json:
    detail = f"{error.title}."
    of = InvalidInputError(detail, faults=[_EXAMPLE_FAULT]) if error is InvalidInputError else error
    return problem(of, detail=detail, request_id="c6af9ac6-7b61-11e6-9a41-93e8deadbeef")
