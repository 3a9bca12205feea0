"""The choice of calls that are also sent to a candidate, and what is sent of them."""

import json
from typing import Any

import pytest

from functions.common.agreements.copied_call import MAX_BYTES
from functions.common.deployments.agreement import ComparedCandidate
from functions.common.json_text import JsonText
from functions.predict.mirroring.copies import Copies
from tests.builders import a_live_deployment, body_of, changed

NOW = 1_800_000_000.0
CANDIDATE = ComparedCandidate(id="d2", calls_per_1000=100, until=int(NOW) + 60)
LIVE = changed(a_live_deployment(), candidate=CANDIDATE)
BODY = body_of(b'{"inputs": [[1.0]], "params": {"gr\xc3\xb6\xc3\x9fe": 1}}')


class FakeSender:
    """Keeps what is sent in `events`; raises *error*; `ready` says whether it takes any."""

    def __init__(self, *, error: Exception | None = None) -> None:
        self.events: list[dict[str, Any]] = []
        self.prepared = 0
        self.ready = True
        self.error = error

    def prepare(self) -> None:
        self.prepared += 1

    def send(self, event: bytes) -> bool:
        if self.error:
            raise self.error
        if self.ready:
            self.events.append(json.loads(event))
        return self.ready


def copies(sender: FakeSender | None, *, chance: float = 0, now: float = NOW) -> Copies:
    make_sender = (lambda: sender) if sender else None
    return Copies(make_sender, now=lambda: now, chance=lambda: chance)


def send(sender: FakeSender, answer: Any = (0.5,), *, body: Any = BODY) -> bool:
    copy = copies(sender).begin(LIVE)
    assert copy
    return copy.send(body, answer, latency_ms=12.4, request_id="r-1")


def test_the_call_is_sent_with_its_answer() -> None:
    """Exactly as it came."""
    sender = FakeSender()

    assert send(sender, [0.5, None])

    expected = {
        "model_id": LIVE.model_id,
        "live_id": LIVE.id,
        "candidate_id": "d2",
        "request_id": "r-1",
        "latency_ms": 12,
        "body": BODY.raw.decode(),
        "answer": "[0.5,null]",
    }
    assert ([expected], 1) == (sender.events, sender.prepared)


def test_a_large_answer_is_sent_as_its_text() -> None:
    """It was never parsed."""
    sender = FakeSender()
    send(sender, JsonText(b"[1e3, 2.50]"))

    assert "[1e3, 2.50]" == sender.events[0]["answer"]


@pytest.mark.parametrize(("chance", "drawn"), [(0.0, True), (0.0999, True), (0.1, False)])
def test_a_share_of_the_calls_is_drawn(chance: float, drawn: bool) -> None:
    """A tenth."""
    assert drawn == (copies(FakeSender(), chance=chance).begin(LIVE) is not None)


def test_as_many_are_drawn_as_the_share_says() -> None:
    """By chances that differ in each environment."""
    made = Copies(FakeSender, now=lambda: NOW)

    drawn = sum(made.begin(LIVE) is not None for _ in range(5_000))

    assert 350 < drawn < 650


@pytest.mark.parametrize(
    ("live", "sender", "now"),
    [
        (a_live_deployment(), FakeSender(), NOW),
        (LIVE, None, NOW),
        (LIVE, FakeSender(), NOW + 60),
    ],
    ids=["no candidate", "no function", "too late"],
)
def test_nothing_is_sent(live: Any, sender: FakeSender | None, now: float) -> None:
    """Without a candidate, without the function, and after the comparison's end."""
    assert copies(sender, now=now).begin(live) is None


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (body_of(b'{"inputs": "%s"}' % (b"x" * MAX_BYTES)), [1.0]),
        (BODY, ["x" * MAX_BYTES]),
        (body_of(b'{"inputs": "%s"}' % (b"x" * (MAX_BYTES // 2))), ["x" * (MAX_BYTES // 2)]),
        (body_of(b'{"inputs": "%s"}' % (b'\\"' * (MAX_BYTES // 3))), [1.0]),
    ],
    ids=["body", "answer", "both together", "as JSON text"],
)
def test_what_is_too_large_is_not_sent(body: Any, answer: Any) -> None:
    """Lambda would refuse it, or charge more for it."""
    sender = FakeSender()

    assert not send(sender, answer, body=body)
    assert [] == sender.events


def test_a_sender_that_is_not_ready_takes_nothing() -> None:
    """Nobody waits for it."""
    sender = FakeSender()
    sender.ready = False

    assert not send(sender)


@pytest.mark.parametrize("error", [OSError("gone"), ValueError("odd")])
def test_no_failure_reaches_the_call(error: Exception) -> None:
    """Whatever it is."""
    assert not send(FakeSender(error=error))


def test_a_sender_that_cannot_be_made_sends_nothing() -> None:
    """Its settings may be odd."""

    def broken() -> FakeSender:
        raise LookupError

    assert Copies(broken, now=lambda: NOW, chance=lambda: 0).begin(LIVE) is None
