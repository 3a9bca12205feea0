"""Every known way in which a provider fails, and the error of one attempt."""

import gzip
from dataclasses import dataclass, replace
from typing import Any

from functions.common.errors import (
    ConnectionFailedError,
    ModelFailedError,
    ModelNotReadyError,
    ModelRejectedInputError,
    ModelWarmingUpError,
    PayloadTooLargeError,
    ProviderDeniedError,
    ProviderError,
    ProviderRateLimitedError,
    ProviderRefusalError,
    ProviderTimeoutError,
    ServiceError,
)
from tests.faults.scripts import (
    CANARY,
    CHUNKED,
    ENDLESS,
    HEAD,
    LARGE_BODY,
    RIGHT,
    RIGHT_TEXT,
    SMALL_BODY,
    answers,
    answers_with_a_date,
    envelope,
    failure,
    floods,
    of_our_server,
    proxy_error,
    resets_after_the_request,
    sends,
    silent_after_the_request,
    trickles,
)
from tests.faults.server import Peer, Script, response


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """One way to fail.

    Attributes:
        error: Raised by one attempt.
        retry_after_s: The provider's own `Retry-After`, within its bound; None: there is none.
        body: Sent by the caller.
        runtime: Of the deployment.
    """

    name: str
    script: Script
    error: type[ServiceError]
    retry_after_s: int | None = None
    body: bytes = SMALL_BODY
    runtime: str = "toolkit"

    def __str__(self) -> str:
        return f"{self.runtime}: {self.name}"


def _behaviour(name: str, error: type[ServiceError], script: Script, **more: Any) -> Behaviour:
    return Behaviour(name=name, error=error, script=script, **more)


_PAUSED = proxy_error("Bad Request: The endpoint is paused, ask a maintainer", "BAD_REQUEST")

CONNECTION = [
    _behaviour("reset on accept", ConnectionFailedError, Peer.reset),
    _behaviour("closed on accept", ConnectionFailedError, lambda _peer: None),
    _behaviour("reset after the request", ConnectionFailedError, resets_after_the_request),
    _behaviour("closed after the request", ConnectionFailedError, sends(b"")),
    _behaviour("reset in the status line", ProviderError, sends(b"HTTP/1.1 2", "reset")),
    _behaviour("reset in the headers", ProviderError, sends(HEAD[:40], "reset")),
    _behaviour("closed in the headers", ProviderError, sends(HEAD[:40])),
    _behaviour("reset in the body", ProviderError, sends(HEAD + RIGHT_TEXT[:20], "reset")),
    _behaviour("body cut short", ProviderError, sends(HEAD + RIGHT_TEXT[:-1])),
    _behaviour("no body at all", ProviderError, sends(HEAD)),
    _behaviour(
        "chunks without their end",
        ProviderError,
        sends(CHUNKED + b"%x\r\n%b\r\n" % (len(RIGHT_TEXT), RIGHT_TEXT)),
    ),
    _behaviour("a chunk cut short", ProviderError, sends(CHUNKED + b"fff\r\n" + RIGHT_TEXT)),
    _behaviour("unframed body cut short", ProviderError, sends(ENDLESS + RIGHT_TEXT[:-1])),
]
SILENCE = [
    _behaviour("silent from the start", ProviderTimeoutError, Peer.stay_silent),
    _behaviour("silent after the request", ProviderTimeoutError, silent_after_the_request),
    _behaviour("silent in the headers", ProviderTimeoutError, sends(HEAD[:40], "stay_silent")),
    _behaviour("silent after the headers", ProviderTimeoutError, sends(HEAD, "stay_silent")),
    _behaviour(
        "silent before the last byte",
        ProviderTimeoutError,
        sends(HEAD + RIGHT_TEXT[:-1], "stay_silent"),
    ),
    _behaviour("headers trickle", ProviderTimeoutError, trickles(HEAD[:-2], b"X: y\r\n")),
    _behaviour("body trickles", ProviderTimeoutError, trickles(CHUNKED, b"1\r\n1\r\n")),
    _behaviour("never reads a large body", ProviderTimeoutError, Peer.stay_silent, body=LARGE_BODY),
    _behaviour(
        "for ever about to continue",
        ProviderTimeoutError,
        trickles(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    ),
]
SIZE = [
    _behaviour("endless body", ProviderError, floods(ENDLESS, b"[" * 65_536)),
    _behaviour(
        "endless chunks", ProviderError, floods(CHUNKED, b"10000\r\n" + b"1" * 65_536 + b"\r\n")
    ),
    _behaviour(
        "announces too large a body",
        ProviderError,
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 6000001\r\n\r\n", "stay_silent"),
    ),
    _behaviour("endless headers", ProviderError, floods(HEAD[:-2], b"X-More: 1\r\n" * 1000)),
    _behaviour("endless status line", ProviderError, floods(b"HTTP/1.1 200 ", b"O" * 65_536)),
    _behaviour(
        "endless body of a refusal",
        ModelWarmingUpError,
        floods(b"HTTP/1.1 503 Busy\r\n\r\n", CANARY.encode() * 1000),
    ),
]
NOT_HTTP = [
    _behaviour("garbage", ProviderError, sends(b"\x00\xff\x16\x03\x01" + CANARY.encode() * 50)),
    _behaviour("another protocol", ProviderError, sends(b"SSH-2.0-OpenSSH " + CANARY.encode())),
    _behaviour("HTTP/2", ProviderError, sends(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
    _behaviour("a body alone", ProviderError, sends(RIGHT_TEXT)),
    _behaviour(
        "two lengths",
        ProviderError,
        sends(HEAD[:-2] + b"Content-Length: 1\r\n\r\n" + RIGHT_TEXT),
    ),
    _behaviour(
        "no length that is one",
        ProviderError,
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + RIGHT_TEXT),
    ),
    _behaviour("no chunk that is one", ProviderError, sends(CHUNKED + b"xyz\r\n" + RIGHT_TEXT)),
    _behaviour(
        "switches the protocol",
        ProviderError,
        sends(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    ),
]
NO_PREDICTION = [
    _behaviour("HTML", ProviderError, answers(200, f"<html>{CANARY}</html>".encode())),
    _behaviour("empty", ProviderError, answers(200)),
    _behaviour("cut JSON in a whole answer", ProviderError, answers(200, RIGHT_TEXT[:-1])),
    _behaviour("NaN", ProviderError, answers(200, RIGHT_TEXT.replace(b"[1]", b"[NaN]"))),
    _behaviour("Infinity", ProviderError, answers(200, RIGHT_TEXT.replace(b"[1]", b"-Infinity"))),
    _behaviour("two answers in one", ProviderError, answers(200, 2 * RIGHT_TEXT)),
    _behaviour("bottomless", ProviderError, answers(200, b"[" * 100_000)),
    _behaviour("no UTF-8", ProviderError, answers(200, RIGHT_TEXT.replace(b"1", b'"\xff"'))),
    _behaviour("no envelope", ProviderError, answers(200, [1, CANARY])),
    _behaviour("the predictions alone", ProviderError, answers(200, {"predictions": [1]})),
    _behaviour("of nobody", ProviderError, answers(200, envelope(deployment_id=None))),
    _behaviour(
        "of another deployment", ProviderError, answers(200, envelope(deployment_id="another"))
    ),
    _behaviour(
        "gzip that was not asked for",
        ProviderError,
        answers(200, gzip.compress(RIGHT_TEXT), Content_Encoding="gzip"),
    ),
    _behaviour(
        "gzip that is none", ProviderError, answers(200, RIGHT_TEXT, Content_Encoding="gzip")
    ),
    _behaviour("204", ProviderError, answers(204)),
    _behaviour("206", ProviderError, answers(206, RIGHT)),
    _behaviour("201", ProviderError, answers(201, RIGHT)),
]
ENVELOPE = [
    _behaviour(
        "the model rejects the input",
        ModelRejectedInputError,
        answers(200, failure("rejected_input", 9_000 * "x")),
    ),
    _behaviour(
        "the model fails",
        ModelFailedError,
        answers(200, failure("model_error", 9_000 * "x")),
    ),
    _behaviour(
        "our secret is refused",
        ProviderDeniedError,
        answers(200, failure("forbidden", CANARY)),
    ),
    _behaviour("an unknown failure", ProviderError, answers(200, failure("other", CANARY))),
]
STATUS = [
    *(
        _behaviour(
            f"{status}", ProviderError, answers(status, Location=f"http://127.0.0.1:9/{CANARY}")
        )
        for status in (300, 301, 302, 303, 304, 307, 308)
    ),
    _behaviour("400 paused", ModelNotReadyError, answers(400, _PAUSED)),
    _behaviour(
        "400 invalid state",
        ModelNotReadyError,
        answers(400, proxy_error("Bad Request: Invalid state", "BAD_REQUEST")),
    ),
    _behaviour(
        "400 of the proxy", ProviderRefusalError, answers(400, proxy_error("what?", "BAD_REQUEST"))
    ),
    _behaviour(
        "400 of the container", ProviderRefusalError, answers(400, {"error": f"paused {CANARY}"})
    ),
    _behaviour("400 HTML", ProviderRefusalError, answers(400, f"<html>paused {CANARY}".encode())),
    _behaviour("401", ProviderDeniedError, answers(401, proxy_error("401", "UNAUTHORIZED"))),
    _behaviour("402", ProviderRefusalError, answers(402, proxy_error("pay", "PAYMENT_REQUIRED"))),
    _behaviour("403", ProviderDeniedError, answers(403, proxy_error("missing permissions", "X"))),
    _behaviour("404", ModelNotReadyError, answers(404, proxy_error("not found", "NOT_FOUND"))),
    _behaviour("405", ProviderRefusalError, answers(405)),
    _behaviour("408", ProviderTimeoutError, answers(408)),
    _behaviour("413", PayloadTooLargeError, answers(413)),
    _behaviour(
        "413 before the body was read",
        PayloadTooLargeError,
        lambda peer: peer.send(response(413, headers={"Connection": "close"})),
    ),
    _behaviour("429", ProviderRateLimitedError, answers(429, {"error": CANARY})),
    _behaviour(
        "429 in seconds", ProviderRateLimitedError, answers(429, Retry_After="7"), retry_after_s=7
    ),
    _behaviour(
        "429 until a date far away",
        ProviderRateLimitedError,
        answers_with_a_date,
        retry_after_s=3_600,
    ),
    _behaviour(
        "429 with a Retry-After that is none",
        ProviderRateLimitedError,
        answers(429, Retry_After=CANARY),
    ),
    _behaviour("500", ProviderError, answers(500, {"detail": CANARY})),
    _behaviour("501", ProviderError, answers(501)),
    _behaviour("502", ModelWarmingUpError, answers(502, f"<html>{CANARY}".encode())),
    _behaviour("503", ModelWarmingUpError, answers(503, proxy_error("503", "SERVICE_UNAVAILABLE"))),
    _behaviour(
        "503 in seconds", ModelWarmingUpError, answers(503, Retry_After="12"), retry_after_s=12
    ),
    _behaviour(
        "503 reset in its body",
        ModelWarmingUpError,
        sends(b"HTTP/1.1 503 X\r\nContent-Length: 9\r\n\r\nBusy", "reset"),
    ),
    _behaviour(
        "503 silent in its body",
        ModelWarmingUpError,
        sends(b"HTTP/1.1 503 X\r\nContent-Length: 9\r\n\r\nBusy", "stay_silent"),
    ),
    _behaviour("504", ProviderTimeoutError, answers(504, f"<html>{CANARY}".encode())),
    _behaviour("520", ProviderError, answers(520, f"<html>{CANARY}".encode())),
    _behaviour("599", ProviderError, answers(599)),
]
OUR_SERVER = [
    _behaviour(
        "the model rejects the input",
        ModelRejectedInputError,
        of_our_server(422, "rejected_input", 9_000 * "x"),
    ),
    _behaviour("not JSON", ModelRejectedInputError, of_our_server(400, "invalid_json", "x")),
    _behaviour("the model fails", ModelFailedError, of_our_server(500, "model_error", 9_000 * "x")),
    _behaviour("our secret is refused", ProviderDeniedError, of_our_server(403, "forbidden")),
    _behaviour("too large", PayloadTooLargeError, of_our_server(413, "too_large")),
    _behaviour(
        "overloaded", ProviderRateLimitedError, of_our_server(503, "overloaded"), retry_after_s=3
    ),
    *(
        _behaviour(kind, ModelWarmingUpError, of_our_server(503, kind), retry_after_s=3)
        for kind in ("starting", "stopping")
    ),
    _behaviour("an unknown failure", ProviderError, of_our_server(500, "other")),
    _behaviour("a failure with 200", ProviderError, of_our_server(200, "rejected_input")),
    _behaviour(
        "of another deployment",
        ProviderError,
        of_our_server(422, "rejected_input", deployment_id="another"),
    ),
    *(
        _behaviour(
            f"of another request, {status}",
            ProviderError,
            of_our_server(status, "overloaded", nonce=nonce),
        )
        for status, nonce in ((503, "another"), (503, None), (422, 1))
    ),
    _behaviour("an answer without a nonce", ProviderError, answers(200, RIGHT)),
]
EITHER = [*CONNECTION, *SILENCE, *SIZE, *NOT_HTTP, *NO_PREDICTION, *STATUS]
"""Whichever runtime the deployment has."""
BEHAVIOURS = [
    *EITHER,
    *ENVELOPE,
    *(replace(each, runtime="container") for each in (*EITHER, *OUR_SERVER)),
]
