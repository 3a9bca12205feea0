"""Errors as problem+json."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from functions.common import errors, problem
from functions.common.errors import ServiceError


def every_error(base: type[ServiceError] = ServiceError) -> Iterator[type[ServiceError]]:
    """Return the error classes of the tree; a function can have others of its own."""
    yield base
    for error in base.__subclasses__():
        if error.__module__ == base.__module__:
            yield from every_error(error)


EVERY_ERROR = list(every_error())


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: error.code)
def test_the_tree_in_the_docstring_is_true(error: type[ServiceError]) -> None:
    """It lists every class under its parent."""
    lines = [line.split() for line in (errors.__doc__ or "").splitlines()]

    (line,) = [words for words in lines if error.__name__ in words and error.code in words]

    assert str(error.status) in line
    assert error.retryable == ("retryable" in line)


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: error.code)
def test_retry_after_is_the_same_in_header_and_body(error: type[ServiceError]) -> None:
    """Both are there, or neither is."""
    more: dict[str, Any] = {"faults": []} if error is errors.InvalidInputError else {}
    answer = problem.response(error("Why.", **more), request_id="r")

    body = json.loads(answer["body"])
    assert answer["headers"].get("Retry-After") == (
        str(body["retry_after_s"]) if "retry_after_s" in body else None
    )
    assert (error.status, error.code, "r") == (body["status"], body["code"], body["request_id"])


def test_a_code_has_one_meaning() -> None:
    """Errors that share a code differ inside the service only."""
    meanings = {(error.code, error.status, error.title) for error in EVERY_ERROR}

    assert len({code for code, *_ in meanings}) == len(meanings)


def test_a_401_names_its_scheme() -> None:
    """RFC 9110, 11.6.1."""
    assert "Bearer" == problem.headers(errors.UnauthorizedError)["WWW-Authenticate"]
