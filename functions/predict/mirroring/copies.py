"""The choice of calls that are also sent to a candidate, and what is sent of them.

Nothing here fails a call or waits for anybody: what cannot be sent at once is left out.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from msgspec.json import encode

from functions.common.agreements.copied_call import MAX_BYTES, CopiedCall
from functions.common.deployments.record import Deployment
from functions.common.json_text import JsonText
from functions.common.observability import make_logger
from functions.common.signatures.body import RequestBody

logger = make_logger("predict")


class EventSender(Protocol):
    """Port: sends events to a function, and waits for nobody."""

    def prepare(self) -> None:
        """Begin to make ready for the next event; return at once."""
        ...

    def send(self, event: bytes) -> bool:
        """Hand *event* over; False, and at once, when that is not ready. Nobody hears of its end.

        Raises: OSError and others, of a connection that has broken.
        """
        ...


class Copies:
    """Sends a share of each live deployment's calls to be compared, while it names a candidate.

    *make_sender* makes the sender when the first call is sent; None: nothing is.
    """

    def __init__(
        self,
        make_sender: Callable[[], EventSender] | None,
        *,
        now: Callable[[], float] = time.time,
        chance: Callable[[], float] | None = None,
    ) -> None:
        self._make_sender = make_sender
        self._sender: EventSender | None = None
        self._now = now
        # Environments that start from one snapshot would all draw the same numbers.
        self._chance = chance or random.SystemRandom().random

    def begin(self, live: Deployment) -> "Copy | None":
        """Return the copy of a call of *live* that is to be sent once it is answered, if any."""
        if live.candidate.id is None or self._make_sender is None:
            return None
        try:
            return self._drawn(live, self._make_sender)
        except Exception:
            logger.warning("mirror.not_prepared", exc_info=True)
            return None

    def _drawn(self, live: Deployment, make_sender: Callable[[], EventSender]) -> "Copy | None":
        share = (live.candidate.calls_per_1000 or 0) / 1_000
        if self._now() >= (live.candidate.until or 0) or self._chance() >= share:
            return None
        self._sender = self._sender or make_sender()
        self._sender.prepare()
        return Copy(self._sender, live)


@dataclass(frozen=True, slots=True)
class Copy:
    """A call that is sent on once it is answered."""

    sender: EventSender
    live: Deployment

    def send(self, body: RequestBody, answer: Any, *, latency_ms: float, request_id: str) -> bool:
        """Send the call with its *answer* (as in `Predictions`); return whether that was done."""
        try:
            event = self._event(body, answer, latency_ms=latency_ms, request_id=request_id)
            return event is not None and self.sender.send(event)
        except Exception:
            logger.warning("mirror.not_sent", exc_info=True)
            return False

    def _event(
        self, body: RequestBody, answer: Any, *, latency_ms: float, request_id: str
    ) -> bytes | None:
        if len(body.raw) > MAX_BYTES or self.live.candidate.id is None:
            return None
        text = answer.text if isinstance(answer, JsonText) else encode(answer)
        if len(text) > MAX_BYTES:
            return None
        return CopiedCall(
            model_id=self.live.model_id,
            live_id=self.live.id,
            candidate_id=self.live.candidate.id,
            request_id=request_id,
            latency_ms=round(latency_ms),
            body=body.raw.decode(),
            answer=text.decode(),
        ).as_event()
