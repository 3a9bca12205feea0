"""Logger and outermost frame of a function."""

import functools
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from functions.common.emf import count
from functions.common.failures import PublicError, traceback_of
from functions.common.metric_names import (
    INTERNAL_ERRORS,
    VERSION,
    function_version,
)

type ExceptionInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


class FunctionFailedError(PublicError):
    """A function broke; names the kind of error, no more. The log has it with its frames."""


class _Formatter(LambdaPowertoolsFormatter):
    """JSON lines; of an exception, only what `failures` describes."""

    def __init__(self, **options: Any) -> None:
        # A value of another type would be logged as its text, an exception's message for instance.
        options |= {"serialize_stacktrace": False, "json_default": _type_name}
        super().__init__(**options)

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - logging's name
        return "" if ei[1] is None else traceback_of(ei[1])

    def serialize(self, log: dict[str, Any]) -> str:  # type: ignore[override]
        # Notes of an exception are texts of other libraries as well.
        log.pop("exception_notes", None)
        return super().serialize(log)


def make_logger(service: str) -> Logger:
    """JSON lines with the request's id and the function's version; events and bodies are never
    logged.

    Other libraries' loggers are silenced with the root logger's level, which is theirs: some quote
    whole answers. Those that have a level of their own are silenced where they are imported.
    """
    logging.getLogger().setLevel(logging.CRITICAL)
    return Logger(
        service=service,
        log_uncaught_exceptions=False,
        logger_formatter=_Formatter(),
        function_version=function_version(),
    )


def entry[**P, R](logger: Logger) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a Lambda entry of a function, which only a `PublicError` leaves; see `failed`."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                return function(*args, **kwargs)
            except PublicError:
                raise
            except Exception as error:  # noqa: BLE001 - logged, and raised in our own words
                raise failed(error, logger) from None

        return run

    return decorate


def failed(error: Exception, logger: Logger) -> FunctionFailedError:
    """Log what broke a function; return what is raised in its place: Lambda would log, trace and
    return the message of *error*."""
    logger.error("function.failed", exc_info=error)
    return FunctionFailedError(type(error).__name__)


def count_internal_error(service: str) -> None:
    """Count an internal error of the version that runs."""
    count(service, INTERNAL_ERRORS, **{VERSION: function_version()})


def _type_name(value: object) -> str:
    return type(value).__name__
