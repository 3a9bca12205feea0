"""A call's copy, as predict sends it to the function `mirror` and nobody keeps it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from msgspec import convert
from msgspec.json import encode

MAX_BYTES = 256 * 1024
"""Lambda takes 1 MB of an asynchronous event, and charges one request for the first 256 KB.
Source: https://aws.amazon.com/lambda/pricing/"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedCall:
    """A call that the live deployment has answered.

    Attributes:
        latency_ms: Milliseconds that the answer took.
        body: The body as the caller sent it.
        answer: JSON of the predictions.
    """

    model_id: str
    live_id: str
    candidate_id: str
    request_id: str
    latency_ms: int
    body: str = field(repr=False)
    answer: str = field(repr=False)

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> "CopiedCall":
        """Return the call of the event that `as_event` made. Raises: ValidationError."""
        return convert(event, cls)

    def as_event(self) -> bytes | None:
        """Return the event for the function, as JSON; None when it is larger than `MAX_BYTES`."""
        if len(self.body) + len(self.answer) > MAX_BYTES:
            return None
        event = encode(asdict(self))
        return event if len(event) <= MAX_BYTES else None
