"""urllib3's errors as ours, without their words: those can quote addresses and peers."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from urllib3 import exceptions

from functions.common.errors import (
    ConnectionFailedError,
    ModelNotReadyError,
    ProviderError,
    ProviderTimeoutError,
    ServiceError,
)


@contextmanager
def translated(began: Callable[[], bool]) -> Iterator[None]:
    """Raise what urllib3 raises as an error of ours; *began*: whether a byte of the answer came."""
    try:
        yield
    except ServiceError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a worker met is a failed exchange
        raise _translation(error, began=began()) from None


def _translation(error: Exception, *, began: bool) -> ServiceError:
    cause = error.args[-1] if isinstance(error, exceptions.ProtocolError) else error
    if isinstance(error, exceptions.NameResolutionError) and not _is_unknown_name(error):
        return ConnectionFailedError("The connection to the model failed.")
    for types, translated, detail in _TRANSLATIONS:
        if isinstance(cause, types) and not (began and translated is ConnectionFailedError):
            return translated(detail)
    return ProviderError("The model's answer broke off or is not one.")


_TRANSLATIONS: tuple[tuple[tuple[type[Exception], ...], type[ServiceError], str], ...] = (
    (
        (exceptions.NameResolutionError, exceptions.LocationParseError),
        ModelNotReadyError,
        "The model's endpoint is gone.",
    ),
    (
        (exceptions.NewConnectionError, exceptions.ConnectTimeoutError, exceptions.SSLError),
        ConnectionFailedError,
        "The connection to the model failed.",
    ),
    (
        (TimeoutError, exceptions.ReadTimeoutError),
        ProviderTimeoutError,
        "The model did not answer in time.",
    ),
    ((OSError,), ConnectionFailedError, "The connection to the model failed."),
)
"""By urllib3's error, or the cause that it wraps, ours; the first that fits counts."""


def _is_unknown_name(error: exceptions.NameResolutionError) -> bool:
    """Tell a name that does not exist from a resolver that has trouble now."""
    cause = error.__cause__ or error.__context__
    return isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_NONAME
