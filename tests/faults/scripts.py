"""Scripts of a failing provider, and the parts that they are made of.

The canary stands in the provider's own texts, which no caller and no log may ever see.
"""

import json
import time
from email.utils import formatdate
from typing import Any

from tests.builders import a_live_deployment
from tests.faults.server import Peer, Script, response

CANARY = "canary-7d1f"
SMALL_BODY = b'{"inputs": [[1.5]]}'
LARGE_BODY = b'{"inputs": "%b"}' % (3_900_000 * b"x")
RIGHT = {
    "ok": True,
    "deployment_id": a_live_deployment().endpoint_deployment_id,
    "package": None,
    "predictions": [1],
}
"""The answer of our handler on the endpoint of `a_live_deployment`."""
RIGHT_TEXT = json.dumps(RIGHT).encode()
HEAD = response(200, RIGHT_TEXT).removesuffix(RIGHT_TEXT)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ENDLESS = b"HTTP/1.1 200 OK\r\n\r\n"


def answers(status: int, body: Any = b"", **headers: str) -> Script:
    """Answer properly, once; `retry_after="1"` is the header `Retry-After: 1`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named |= {"Connection": "close", "X-Provider": CANARY}
    return lambda peer: peer.answer(status, body, named)


def sends(content: bytes, then: str = "close") -> Script:
    """Read the request, send *content*, then call the method *then* of the peer."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(content)
        if then != "close":
            getattr(peer, then)()

    return script


def proxy_error(message: str, code: str) -> dict[str, str]:
    return {"error": f"{message} {CANARY}", "code": code}


def envelope(**changes: Any) -> dict[str, Any]:
    return {**RIGHT, **changes}


def failure(kind: str, message: str) -> dict[str, Any]:
    return envelope(ok=False, error={"type": kind, "message": message})


def right(peer: Peer) -> None:
    """Predict as our code on endpoints does, in either runtime."""
    request = peer.read_request()
    nonce = request.headers.get("x-hokus-nonce") or request.json()["hokus"]["nonce"]
    peer.send(response(200, envelope(nonce=nonce), {"Connection": "close"}))


def of_our_server(status: int, kind: str, message: str = CANARY, **changes: Any) -> Script:
    """Refuse as our server on endpoints does, with *changes* of its envelope."""

    def script(peer: Peer) -> None:
        identity = {"deployment_id": RIGHT["deployment_id"], "package": None}
        nonce = peer.read_request().headers["x-hokus-nonce"]
        error = {"type": kind, "message": message}
        body = {**identity, "nonce": nonce, "error": error, **changes}
        peer.send(response(status, body, {"Connection": "close", "Retry-After": "3"}))

    return script


def answers_with_a_date(peer: Peer) -> None:
    answers(429, Retry_After=formatdate(time.time() + 360_000, usegmt=True))(peer)


def resets_after_the_request(peer: Peer) -> None:
    peer.read_request()
    peer.reset()


def silent_after_the_request(peer: Peer) -> None:
    peer.read_request()
    peer.stay_silent()


def floods(head: bytes, content: bytes) -> Script:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(head)
        peer.flood(content)

    return script


def trickles(head: bytes, content: bytes) -> Script:
    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(head)
        peer.trickle(content)

    return script
