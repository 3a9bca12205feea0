"""A line of predict's log that is about one call (see `functions.common.wide_event`)."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import unquote

from msgspec import Meta, MsgspecError, Raw, Struct, field
from msgspec.json import Decoder

from functions.common.api.gateway_event import is_possible_name
from functions.common.usage.figures import Figures
from functions.common.wide_event import FIRST_FAULT

_SERVICE = "predict"
_US_PER_MS = 1000
MAX_USER_CHARACTERS = 128
"""Users with longer ids are counted together."""
_FIRST_REFUSAL = 400

type _Ms = Annotated[float, Meta(ge=0, le=1e9)]
type _Bytes = Annotated[int, Meta(ge=0, le=2**40)]


class _Line(Struct, frozen=True):
    """What is read of a line; everything else in it stays there."""

    service: str
    latency: _Ms = field(name="Latency")
    metrics: Raw = field(name="_aws")
    status: Annotated[int, Meta(ge=100, le=599)]
    model: str = ""
    deployment: str | None = None
    user: str | None = None
    provider_ms: _Ms | None = None
    bytes_in: _Bytes | None = None
    bytes_out: _Bytes | None = None


_DECODER = Decoder(_Line)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedCall:
    """One call.

    Attributes:
        model_id: The name that was called, of a model or not; empty where none was.
        found: A deployment of the model was found, so there is such a model.
        user: Empty where there was none, or its id is too long.
    """

    model_id: str
    found: bool
    user: str
    figures: Figures


def logged_call(line: str) -> LoggedCall | None:
    """Return the call that *line* is about; None where it is about something else, or broken."""
    try:
        read = _DECODER.decode(line)
    except (MsgspecError, UnicodeError):
        return None
    if read.service != _SERVICE:
        return None
    model_id, user = unquote(read.model), read.user or ""
    return LoggedCall(
        model_id=model_id if is_possible_name(model_id) else "",
        found=bool(read.deployment),
        user=user if len(user) <= MAX_USER_CHARACTERS else "",
        figures=_figures(read),
    )


def _figures(line: _Line) -> Figures:
    return Figures(
        calls=1,
        faults=int(line.status >= FIRST_FAULT),
        refusals=int(_FIRST_REFUSAL <= line.status < FIRST_FAULT),
        latency_us=round(line.latency * _US_PER_MS),
        provider_us=round((line.provider_ms or 0) * _US_PER_MS),
        bytes_in=line.bytes_in or 0,
        bytes_out=line.bytes_out or 0,
    )
