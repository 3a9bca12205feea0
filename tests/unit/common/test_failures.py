"""What is logged of exceptions: types, places and codes, nothing that a message quotes."""

import io
import json
import logging
from typing import Any

import botocore.exceptions
import httpx
import huggingface_hub.errors
import mlflow.exceptions
import pydantic
import pytest
import requests.exceptions
import urllib3.exceptions
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from functions.common.errors import ModelRejectedInputError
from functions.common.failures import PublicError, described, traceback_of
from functions.common.observability import FunctionFailedError, entry, make_logger
from functions.common.secrets import SecretUnavailableError

CANARY = "CANARY-0123456789"
LIBRARIES = (
    botocore.exceptions,
    httpx,
    huggingface_hub.errors,
    mlflow.exceptions,
    requests.exceptions,
    urllib3.exceptions,
    json,
)
FOREIGN = [
    *(
        kind
        for library in LIBRARIES
        for kind in vars(library).values()
        if isinstance(kind, type) and issubclass(kind, Exception)
    ),
    ArithmeticError,
    ConnectionError,
    FileNotFoundError,
    KeyError,
    OSError,
    UnicodeEncodeError,
    ValueError,
]
ATTRIBUTES = (
    "doc",
    "error_code",
    "errno",
    "filename",
    "message",
    "msg",
    "object",
    "operation_name",
)


def quoting(kind: type[Exception]) -> Exception:
    """Return an exception that has the canary wherever it can have one."""
    error = kind.__new__(kind)
    error.args = (CANARY, {"Authorization": CANARY})
    for name in ATTRIBUTES:
        try:
            setattr(error, name, f"{CANARY}/x")
        except (AttributeError, TypeError):
            continue
    error.add_note(CANARY)
    return error


def thrown(error: Exception) -> Exception:
    """Return *error* with a traceback."""

    def throw() -> None:
        raise error

    with pytest.raises(type(error)):
        throw()
    return error


@st.composite
def chains(draw: st.DrawFn) -> Exception:
    """Return exceptions that led to one another, by cause or by context."""
    error: Exception | None = None
    for kind, is_cause in draw(
        st.lists(st.tuples(st.sampled_from(FOREIGN), st.booleans()), min_size=1, max_size=5)
    ):
        following = quoting(kind)
        following.__cause__, following.__context__ = error if is_cause else None, error
        following.__suppress_context__ = is_cause
        error = thrown(following)
    assert error is not None
    return error


@given(chains())
def test_no_message_of_a_library_is_described(error: Exception) -> None:
    """Neither of the exception nor of what led to it; its type and its place are."""
    text = traceback_of(error)

    assert CANARY not in text
    assert type(error).__qualname__ in text
    assert "test_failures.py" in text


@given(chains())
def test_no_message_of_a_library_leaves_a_function(error: Exception) -> None:
    """Lambda logs, traces and returns what leaves it; the log names the kind and the place."""
    logger, written = a_logger()

    @entry(logger)
    def handler(_event: object) -> None:
        raise error

    with pytest.raises(FunctionFailedError) as raised:
        handler({})
    logger.warning("something", error=error)

    assert type(error).__name__ == str(raised.value)
    assert (None, True) == (raised.value.__cause__, raised.value.__suppress_context__)
    assert CANARY not in written.getvalue()
    assert type(error).__name__ in written.getvalue()


def a_logger() -> tuple[Any, io.StringIO]:
    """Return a function's logger, and what it writes."""
    written = io.StringIO()
    logger = make_logger("test-failures")
    for old in list(logger.handlers):
        if type(old) is logging.StreamHandler and old.stream is not written:
            old.setStream(written)
    return logger, written


def test_a_public_error_leaves_a_function_as_it_is() -> None:
    """API Gateway and Step Functions read its message."""

    @entry(a_logger()[0])
    def handler() -> None:
        raise PublicError("Unauthorized")

    with pytest.raises(PublicError, match="Unauthorized"):
        handler()


def client_error(code: str, message: str) -> botocore.exceptions.ClientError:
    return botocore.exceptions.ClientError({"Error": {"Code": code, "Message": message}}, "PutItem")


class _Model(pydantic.BaseModel):
    number: int


def invalid(value: Any) -> pydantic.ValidationError:
    with pytest.raises(pydantic.ValidationError) as raised:
        _Model.model_validate(value)
    return raised.value


def http_status(status: int) -> httpx.HTTPStatusError:
    request = httpx.Request("GET", f"http://x/{CANARY}")
    return httpx.HTTPStatusError(CANARY, request=request, response=httpx.Response(status))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError(CANARY), "ValueError"),
        (SecretUnavailableError("The secret x is empty."), "SecretUnavailableError: The secret x"),
        (ModelRejectedInputError(f"{CANARY} is no number"), "model_rejected_input"),
        (
            client_error("ThrottlingException", CANARY),
            "ClientError: ThrottlingException of PutItem",
        ),
        (client_error("AccessDeniedException", "r may not"), "AccessDeniedException of PutItem: r"),
        (OSError(28, CANARY), "OSError: ENOSPC"),
        (http_status(403), "HTTPStatusError: status 403"),
        (mlflow.exceptions.MlflowException(CANARY), "MlflowException: INTERNAL_ERROR"),
        (invalid({"number": CANARY}), "ValidationError: int_parsing"),
        (invalid({CANARY: 1}), "ValidationError: missing"),
        (PydanticCustomError("x", "y"), "PydanticCustomError"),
    ],
)
def test_a_description_says_what_can_be_said(error: Exception, words: str) -> None:
    """Operators find the cause by codes and places."""
    assert words in described(error)
    assert CANARY not in described(error)


def test_causes_come_first_as_python_prints_them() -> None:
    """The log reads as any traceback does."""
    error = SecretUnavailableError("The secret x could not be read.")
    error.__cause__ = thrown(KeyError(CANARY))

    first, _, last = traceback_of(thrown(error)).partition("The above exception was the direct")
    assert "KeyError" in first
    assert last.endswith("SecretUnavailableError: The secret x could not be read.")


def test_a_circle_of_causes_ends() -> None:
    """Whatever a library has put together."""
    one, two = ValueError(), KeyError()
    one.__cause__, two.__cause__ = two, one

    assert 2 == traceback_of(one).count("Traceback")
