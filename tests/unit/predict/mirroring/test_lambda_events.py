"""Asynchronous calls of a function, whose replies nobody waits for."""

import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.credentials import Credentials

from bench.tls import HOST, write_certificates
from functions.common import aws_session
from functions.predict.mirroring import lambda_events
from functions.predict.mirroring.lambda_events import LambdaEvents

ARN = "arn:aws:lambda:eu-central-1:123456789012:function:Mirror:live"
EVENT = b'{"body": "\xc3\xa4"}'
CREDENTIALS = Credentials("AKIDEXAMPLE", "a secret", "a token")


@dataclass
class FakeLambda:
    """Lambda's address; what it has received is in `received`, as path, headers and body.

    `accepted` counts connections, `may_reply` holds back its replies, `closes` ends each connection
    with one, and `status` is that of all.
    """

    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)
    may_reply: Event = field(default_factory=Event)
    accepted: int = 0
    closes: bool = False
    status: int = 202
    url: str = ""

    @contextmanager
    def running(self, certificate: Path | None = None) -> Iterator["FakeLambda"]:
        self.may_reply.set()
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            self.url = f"https://{HOST}:{server.server_address[1]}"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self.may_reply.set()
            server.shutdown()
            server.server_close()


def _handler_of(service: FakeLambda) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            service.accepted += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.connections.add(self.client_address)
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.received.append((self.path, headers, body))
            service.may_reply.wait(10)
            self.send_response(service.status)
            self.send_header("Content-Length", "0")
            if service.closes:
                self.close_connection = True
                self.send_header("Connection", "close")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of this machine, and the list of those that are trusted."""
    return write_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture(params=["plain", "TLS"])
def service(
    request: pytest.FixtureRequest,
    certificates: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[FakeLambda]:
    own, trusted = certificates
    trust = ssl.create_default_context(cafile=str(trusted))
    monkeypatch.setattr(lambda_events, "system_trust", lambda: trust)
    with FakeLambda().running(own if request.param == "TLS" else None) as running:
        yield running


@pytest.fixture
def sender(service: FakeLambda) -> Iterator[LambdaEvents]:
    made = LambdaEvents(ARN, lambda: CREDENTIALS, endpoint_url=service.url)
    yield made
    if made._thread:
        made._thread.join(5)
    made._close()


def ready(sender: LambdaEvents) -> LambdaEvents:
    """Prepare *sender* and let its thread come to its end, as a call to the provider does."""
    sender.prepare()
    assert sender._thread
    sender._thread.join(5)
    return sender


def until(condition: Callable[[], bool]) -> bool:
    """Return whether the condition became true within some seconds."""
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def sent_by_botocore() -> Any:
    """Return the request that botocore's own client makes of the same event."""
    client: Any = boto3.client("lambda", region_name="eu-central-1")
    no_headers: Any = {}
    seen: list[Any] = []

    def keep(request: Any, **_: Any) -> AWSResponse:
        seen.append(request)
        no_body: Any = _NoBody()
        return AWSResponse(request.url, 202, no_headers, no_body)

    client.meta.events.register("before-send.lambda.Invoke", keep)
    client.invoke(FunctionName=ARN, InvocationType="Event", Payload=EVENT)
    return seen[0]


class _NoBody:
    def stream(self, **_: object) -> list[bytes]:
        return []

    def read(self, *_: object) -> bytes:
        return b""


def test_the_request_is_that_of_botocores_client(service: FakeLambda, sender: LambdaEvents) -> None:
    """Address, kind of call and body; the signature covers what was received."""
    assert ready(sender).send(EVENT)

    assert until(lambda: bool(service.received))
    path, headers, body = service.received[0]
    expected = sent_by_botocore()
    assert expected.url.endswith(path)
    assert ("Event", EVENT, "a token") == (
        headers["x-amz-invocation-type"],
        body,
        headers["x-amz-security-token"],
    )
    assert headers["authorization"] == _signature(service.url, path, headers, body)
    assert _scope(headers["authorization"]) == _scope(str(expected.headers["Authorization"]))


def test_the_address_is_lambdas_own() -> None:
    """In the region and the partition of the function."""
    own = LambdaEvents(ARN, lambda: CREDENTIALS)
    chinese = LambdaEvents(
        ARN.replace("aws:", "aws-cn:").replace("eu-central-1", "cn-north-1"), lambda: CREDENTIALS
    )

    assert "https://lambda.eu-central-1.amazonaws.com" == own._base
    assert boto3.client("lambda", region_name="eu-central-1").meta.endpoint_url == own._base
    assert boto3.client("lambda", region_name="cn-north-1").meta.endpoint_url == chinese._base


def test_nobody_waits_for_the_reply(service: FakeLambda, sender: LambdaEvents) -> None:
    """The event is handed over while Lambda has not replied, and will not for long."""
    service.may_reply.clear()

    assert ready(sender).send(EVENT)

    assert until(lambda: len(service.received) == 1)
    sender.prepare()
    assert not sender.send(EVENT)
    assert 1 == len(service.received)


def test_the_connection_is_used_again(service: FakeLambda, sender: LambdaEvents) -> None:
    """The reply to one event is read before the next one is sent."""
    for _ in range(3):
        assert ready(sender).send(EVENT)

    assert until(lambda: len(service.received) == 3)
    assert 1 == len(service.connections)


def test_a_connection_that_was_not_used_is_kept(service: FakeLambda, sender: LambdaEvents) -> None:
    """The provider may answer before it is made; the tickets that TLS sends at once are no end."""
    for _ in range(3):
        ready(sender)

    assert sender.send(EVENT)
    assert until(lambda: len(service.received) == 1)
    assert 1 == service.accepted


def test_a_connection_that_lambda_ends_is_made_anew(
    service: FakeLambda, sender: LambdaEvents
) -> None:
    """Whether it says so, or it does not."""
    service.closes = True
    for _ in range(3):
        assert ready(sender).send(EVENT)

    assert until(lambda: len(service.received) == 3)
    assert 3 == len(service.connections)


def test_a_silent_lambda_costs_a_connection(service: FakeLambda, sender: LambdaEvents) -> None:
    """A reply that does not come is given up beside a later call, which is not held up."""
    service.may_reply.clear()
    assert ready(sender).send(EVENT)

    assert ready(sender).send(EVENT)

    assert until(lambda: len(service.received) == 2)
    assert 2 == len(service.connections)


def test_a_refusal_is_logged(
    service: FakeLambda, sender: LambdaEvents, logged: Callable[[], str]
) -> None:
    """By its status alone."""
    service.status = 429
    assert ready(sender).send(EVENT)
    assert until(lambda: len(service.received) == 1)

    ready(sender)

    assert "mirror.refused" in logged()
    assert "429" in logged()


def test_what_cannot_be_reached_gets_nothing() -> None:
    """The discard port: nobody listens there."""
    assert not ready(
        LambdaEvents(ARN, lambda: CREDENTIALS, endpoint_url="http://127.0.0.1:9")
    ).send(EVENT)


def test_nothing_is_sent_before_it_is_prepared(sender: LambdaEvents) -> None:
    """Nor twice."""
    assert not sender.send(EVENT)
    assert ready(sender).send(EVENT)
    assert not sender.send(EVENT)


def test_credentials_are_those_of_the_function() -> None:
    """As they are at the time."""
    assert ("test", "test", None) == tuple(aws_session.frozen_credentials())[:3]


def _signature(base: str, path: str, headers: dict[str, str], body: bytes) -> str:
    """Return the signature that the request must have, made of what was received."""
    names = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    again = AWSRequest("POST", f"{base}{path}", data=body)
    for name in names:
        if name != "host":
            again.headers[name] = headers[name]
    again.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(CREDENTIALS, "lambda", "eu-central-1")
    text = signer.string_to_sign(again, signer.canonical_request(again))
    return (
        f"AWS4-HMAC-SHA256 Credential={signer.scope(again)}, "
        f"SignedHeaders={';'.join(names)}, Signature={signer.signature(text, again)}"
    )


def _scope(authorization: str) -> list[str]:
    """Return region, service and end of what the credentials are for."""
    return authorization.split("Credential=")[1].split(",", maxsplit=1)[0].split("/")[2:]
