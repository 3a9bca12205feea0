"""Every known way in which a provider fails, and the error of one attempt."""

import gzip
from dataclasses import replace

from functions.common.errors import (
    AnswerTooLargeError,
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
)
from tests.faults.behaviour import behaviour
from tests.faults.our_server import OUR_SERVER
from tests.faults.scripts import (
    CANARY,
    CHUNKED,
    ENDLESS,
    HEAD,
    LARGE_BODY,
    RIGHT,
    RIGHT_TEXT,
    answers,
    answers_with_a_date,
    envelope,
    failure,
    floods,
    proxy_error,
    resets_after_the_request,
    sends,
    silent_after_the_request,
    trickles,
)
from tests.faults.server import Peer, response

_PAUSED = proxy_error("Bad Request: The endpoint is paused, ask a maintainer", "BAD_REQUEST")

CONNECTION = [
    behaviour("reset on accept", ConnectionFailedError, Peer.reset),
    behaviour("closed on accept", ConnectionFailedError, lambda _peer: None),
    behaviour("reset after the request", ConnectionFailedError, resets_after_the_request),
    behaviour("closed after the request", ConnectionFailedError, sends(b"")),
    behaviour("reset in the status line", ProviderError, sends(b"HTTP/1.1 2", "reset")),
    behaviour("reset in the headers", ProviderError, sends(HEAD[:40], "reset")),
    behaviour("closed in the headers", ProviderError, sends(HEAD[:40])),
    behaviour("reset in the body", ProviderError, sends(HEAD + RIGHT_TEXT[:20], "reset")),
    behaviour("body cut short", ProviderError, sends(HEAD + RIGHT_TEXT[:-1])),
    behaviour("no body at all", ProviderError, sends(HEAD)),
    behaviour(
        "chunks without their end",
        ProviderError,
        sends(CHUNKED + b"%x\r\n%b\r\n" % (len(RIGHT_TEXT), RIGHT_TEXT)),
    ),
    behaviour("a chunk cut short", ProviderError, sends(CHUNKED + b"fff\r\n" + RIGHT_TEXT)),
    behaviour("unframed body cut short", ProviderError, sends(ENDLESS + RIGHT_TEXT[:-1])),
]
SILENCE = [
    behaviour("silent from the start", ProviderTimeoutError, Peer.stay_silent),
    behaviour("silent after the request", ProviderTimeoutError, silent_after_the_request),
    behaviour("silent in the headers", ProviderTimeoutError, sends(HEAD[:40], "stay_silent")),
    behaviour("silent after the headers", ProviderTimeoutError, sends(HEAD, "stay_silent")),
    behaviour(
        "silent before the last byte",
        ProviderTimeoutError,
        sends(HEAD + RIGHT_TEXT[:-1], "stay_silent"),
    ),
    behaviour("headers trickle", ProviderTimeoutError, trickles(HEAD[:-2], b"X: y\r\n")),
    behaviour("body trickles", ProviderTimeoutError, trickles(CHUNKED, b"1\r\n1\r\n")),
    behaviour("never reads a large body", ProviderTimeoutError, Peer.stay_silent, body=LARGE_BODY),
    behaviour(
        "for ever about to continue",
        ProviderTimeoutError,
        trickles(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
    ),
]
SIZE = [
    behaviour("endless body", AnswerTooLargeError, floods(ENDLESS, b"[" * 65_536)),
    behaviour(
        "endless chunks",
        AnswerTooLargeError,
        floods(CHUNKED, b"10000\r\n" + b"1" * 65_536 + b"\r\n"),
    ),
    behaviour(
        "announces too large a body",
        AnswerTooLargeError,
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: 6000001\r\n\r\n", "stay_silent"),
    ),
    behaviour("endless headers", ProviderError, floods(HEAD[:-2], b"X-More: 1\r\n" * 1000)),
    behaviour("endless status line", ProviderError, floods(b"HTTP/1.1 200 ", b"O" * 65_536)),
    behaviour(
        "endless body of a refusal",
        ModelWarmingUpError,
        floods(b"HTTP/1.1 503 Busy\r\n\r\n", CANARY.encode() * 1000),
    ),
]
NOT_HTTP = [
    behaviour("garbage", ProviderError, sends(b"\x00\xff\x16\x03\x01" + CANARY.encode() * 50)),
    behaviour("another protocol", ProviderError, sends(b"SSH-2.0-OpenSSH " + CANARY.encode())),
    behaviour("HTTP/2", ProviderError, sends(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
    behaviour("a body alone", ProviderError, sends(RIGHT_TEXT)),
    behaviour(
        "two lengths",
        ProviderError,
        sends(HEAD[:-2] + b"Content-Length: 1\r\n\r\n" + RIGHT_TEXT),
    ),
    behaviour(
        "no length that is one",
        ProviderError,
        sends(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + RIGHT_TEXT),
    ),
    behaviour("no chunk that is one", ProviderError, sends(CHUNKED + b"xyz\r\n" + RIGHT_TEXT)),
    behaviour(
        "switches the protocol",
        ProviderError,
        sends(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
    ),
]
NO_PREDICTION = [
    behaviour("HTML", ProviderError, answers(200, f"<html>{CANARY}</html>".encode())),
    behaviour("empty", ProviderError, answers(200)),
    behaviour("cut JSON in a whole answer", ProviderError, answers(200, RIGHT_TEXT[:-1])),
    behaviour("NaN", ProviderError, answers(200, RIGHT_TEXT.replace(b"[1]", b"[NaN]"))),
    behaviour("Infinity", ProviderError, answers(200, RIGHT_TEXT.replace(b"[1]", b"-Infinity"))),
    behaviour("two answers in one", ProviderError, answers(200, 2 * RIGHT_TEXT)),
    behaviour("bottomless", ProviderError, answers(200, b"[" * 100_000)),
    behaviour("no UTF-8", ProviderError, answers(200, RIGHT_TEXT.replace(b"1", b'"\xff"'))),
    behaviour("no envelope", ProviderError, answers(200, [1, CANARY])),
    behaviour("the predictions alone", ProviderError, answers(200, {"predictions": [1]})),
    behaviour("of nobody", ProviderError, answers(200, envelope(deployment_id=None))),
    behaviour(
        "of another deployment", ProviderError, answers(200, envelope(deployment_id="another"))
    ),
    behaviour(
        "gzip that was not asked for",
        ProviderError,
        answers(200, gzip.compress(RIGHT_TEXT), Content_Encoding="gzip"),
    ),
    behaviour(
        "gzip that is none", ProviderError, answers(200, RIGHT_TEXT, Content_Encoding="gzip")
    ),
    behaviour("204", ProviderError, answers(204)),
    behaviour("206", ProviderError, answers(206, RIGHT)),
    behaviour("201", ProviderError, answers(201, RIGHT)),
]
ENVELOPE = [
    behaviour(
        "the model rejects the input",
        ModelRejectedInputError,
        answers(200, failure("rejected_input", 9_000 * "x")),
    ),
    behaviour(
        "the model fails",
        ModelFailedError,
        answers(200, failure("model_error", 9_000 * "x")),
    ),
    behaviour(
        "our secret is refused",
        ProviderDeniedError,
        answers(200, failure("forbidden", CANARY)),
    ),
    behaviour("an unknown failure", ProviderError, answers(200, failure("other", CANARY))),
]
STATUS = [
    *(
        behaviour(
            f"{status}", ProviderError, answers(status, Location=f"http://127.0.0.1:9/{CANARY}")
        )
        for status in (300, 301, 302, 303, 304, 307, 308)
    ),
    behaviour("400 paused", ModelNotReadyError, answers(400, _PAUSED)),
    behaviour(
        "400 invalid state",
        ModelNotReadyError,
        answers(400, proxy_error("Bad Request: Invalid state", "BAD_REQUEST")),
    ),
    behaviour(
        "400 of the proxy", ProviderRefusalError, answers(400, proxy_error("what?", "BAD_REQUEST"))
    ),
    behaviour(
        "400 of the container", ProviderRefusalError, answers(400, {"error": f"paused {CANARY}"})
    ),
    behaviour("400 HTML", ProviderRefusalError, answers(400, f"<html>paused {CANARY}".encode())),
    behaviour("401", ProviderDeniedError, answers(401, proxy_error("401", "UNAUTHORIZED"))),
    behaviour("402", ProviderRefusalError, answers(402, proxy_error("pay", "PAYMENT_REQUIRED"))),
    behaviour("403", ProviderDeniedError, answers(403, proxy_error("missing permissions", "X"))),
    behaviour("404", ModelNotReadyError, answers(404, proxy_error("not found", "NOT_FOUND"))),
    behaviour("405", ProviderRefusalError, answers(405)),
    behaviour("408", ProviderTimeoutError, answers(408)),
    behaviour("413", PayloadTooLargeError, answers(413)),
    behaviour(
        "413 before the body was read",
        PayloadTooLargeError,
        lambda peer: peer.send(response(413, headers={"Connection": "close"})),
    ),
    behaviour("429", ProviderRateLimitedError, answers(429, {"error": CANARY})),
    behaviour(
        "429 in seconds", ProviderRateLimitedError, answers(429, Retry_After="7"), retry_after_s=7
    ),
    behaviour(
        "429 until a date far away",
        ProviderRateLimitedError,
        answers_with_a_date,
        retry_after_s=3_600,
    ),
    behaviour(
        "429 with a Retry-After that is none",
        ProviderRateLimitedError,
        answers(429, Retry_After=CANARY),
    ),
    behaviour("500", ProviderError, answers(500, {"detail": CANARY})),
    behaviour("501", ProviderError, answers(501)),
    behaviour("502", ModelWarmingUpError, answers(502, f"<html>{CANARY}".encode())),
    behaviour("503", ModelWarmingUpError, answers(503, proxy_error("503", "SERVICE_UNAVAILABLE"))),
    behaviour(
        "503 in seconds", ModelWarmingUpError, answers(503, Retry_After="12"), retry_after_s=12
    ),
    behaviour(
        "503 reset in its body",
        ModelWarmingUpError,
        sends(b"HTTP/1.1 503 X\r\nContent-Length: 9\r\n\r\nBusy", "reset"),
    ),
    behaviour(
        "503 silent in its body",
        ModelWarmingUpError,
        sends(b"HTTP/1.1 503 X\r\nContent-Length: 9\r\n\r\nBusy", "stay_silent"),
    ),
    behaviour("504", ProviderTimeoutError, answers(504, f"<html>{CANARY}".encode())),
    behaviour("520", ProviderError, answers(520, f"<html>{CANARY}".encode())),
    behaviour("599", ProviderError, answers(599)),
]
EITHER = [*CONNECTION, *SILENCE, *SIZE, *NOT_HTTP, *NO_PREDICTION, *STATUS]
"""Whichever runtime the deployment has."""
BEHAVIOURS = [
    *EITHER,
    *ENVELOPE,
    *(replace(each, runtime="container") for each in (*EITHER, *OUR_SERVER)),
]
