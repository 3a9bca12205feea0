"""What the commands for people print when they break."""

import sys
from types import TracebackType

from functions.common.failures import traceback_of


def describe_failures() -> None:
    """Have an exception that ends this process printed without other libraries' messages: they
    quote the headers that they refuse, with the credentials of whoever runs the command."""
    sys.excepthook = _print_description


def _print_description(
    kind: type[BaseException], error: BaseException, _traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    sys.stderr.write(f"{traceback_of(error)}\n")
