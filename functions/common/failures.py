"""Exceptions in words that may be logged, whoever raised them.

Messages of other libraries quote what they were given: an HTTP library that refuses a header quotes
it with the token in it, a parser quotes the body. So types, frames and codes are described, and
messages of our own exceptions only. Imports the standard library alone.
"""

import errno
import traceback
from collections.abc import Callable, Iterator
from typing import Any

_OUR_PACKAGES = {"functions", "infra", "doctor", "canary", "check_model"}
_MOST_CAUSES = 10
_CAUSED = "\nThe above exception was the direct cause of the following exception:\n\n"
_CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n\n"


class PublicError(Exception):
    """Leaves a Lambda function as it is: its message quotes nothing of anybody's.

    Lambda logs, traces and returns the message of whatever a handler raises.
    """


def described(error: BaseException) -> str:
    """Return the type of *error*, and what of it can hold no secret and no caller's data."""
    kind = type(error)
    plain = kind.__module__ == "builtins"
    name = kind.__qualname__ if plain else f"{kind.__module__}.{kind.__qualname__}"
    try:
        facts = [fact for fact in (find(error) for find in _FACTS) if fact]
    except Exception:  # noqa: BLE001 - a description must not hide what it describes
        facts = []
    return f"{name}: {', '.join(facts)}" if facts else name


def traceback_of(error: BaseException) -> str:
    """Return the traceback of *error* and of its causes as Python prints it, with descriptions in
    place of messages."""
    parts = [_part(each, link) for each, link in _chain(error)]
    return "".join(reversed(parts)).rstrip("\n")


def _part(error: BaseException, link: str) -> str:
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    return f"Traceback (most recent call last):\n{frames}{described(error)}\n{link}"


def _chain(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """Yield *error* and its causes, the last one first, each with what leads to the one before."""
    seen: set[int] = set()
    link: str = ""
    following: BaseException | None = error
    while following is not None and id(following) not in seen and len(seen) < _MOST_CAUSES:
        yield following, link
        seen.add(id(following))
        link = _CAUSED if following.__cause__ else _CONTEXT
        suppressed = following.__suppress_context__
        following = following.__cause__ or (None if suppressed else following.__context__)


def _own_message(error: BaseException) -> str | None:
    """Return our own exception's message, or the public code that stands for it: the detail of an
    error of the API can quote a model's words about a caller's data."""
    if type(error).__module__.partition(".")[0] not in _OUR_PACKAGES:
        return None
    code = getattr(error, "code", None)
    return code if isinstance(code, str) else str(error)


def _aws_code(error: BaseException) -> str | None:
    """Return code and operation of botocore's ClientError. The message of a refused access names
    who may not do what; others can quote items."""
    match getattr(error, "response", None):
        case {"Error": {"Code": str(code), **rest}}:
            where = f"{code} of {getattr(error, 'operation_name', 'an operation')}"
            message = rest.get("Message")
            return f"{where}: {message}" if code.startswith("AccessDenied") else where
    return None


def _mlflow_code(error: BaseException) -> str | None:
    code = getattr(error, "error_code", None)
    return code if isinstance(code, str) and code.isidentifier() else None


def _http_status(error: BaseException) -> str | None:
    """Return the status of an HTTP library's exception."""
    status = getattr(getattr(error, "response", None), "status_code", None)
    return f"status {status}" if isinstance(status, int) else None


def _system_error(error: BaseException) -> str | None:
    number = error.errno if isinstance(error, OSError) else None
    return errno.errorcode.get(number) if isinstance(number, int) else None


def _pydantic_types(error: BaseException) -> str | None:
    """Return the kinds of faults that pydantic found, without their places, which can be keys of
    the input."""
    if type(error).__name__ != "ValidationError":
        return None
    errors: Callable[..., Any] | None = getattr(error, "errors", None)
    if errors is None:
        return None
    faults = errors(include_url=False, include_context=False, include_input=False)
    return " and ".join(sorted({str(fault["type"]) for fault in faults}))


_FACTS: tuple[Callable[[BaseException], str | None], ...] = (
    _own_message,
    _aws_code,
    _mlflow_code,
    _http_status,
    _system_error,
    _pydantic_types,
)
