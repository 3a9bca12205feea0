"""Names, addresses and certificates on the way to the provider."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from functions.common.deadline import Deadline
from functions.common.errors import (
    ConnectionFailedError,
    ModelNotReadyError,
    ProviderTimeoutError,
    ServiceError,
)
from functions.common.providers.base import Predictions
from functions.common.providers.huggingface.inference import HuggingFaceInference
from functions.common.providers.huggingface.transport import Transport
from tests.builders import a_live_deployment, body_of
from tests.faults.scripts import RIGHT, SMALL_BODY, answers
from tests.faults.server import FaultServer, Peer, response

DOMAIN = "endpoints.test"

type Addresses = Sequence[tuple[Any, ...]]
type Resolve = Callable[..., Addresses]
"""Replaces the system's resolver, `socket.getaddrinfo`."""

PREDICTED = Predictions([1], str(RIGHT["deployment_id"]))


def invoke(
    url: str,
    *,
    resolve: Resolve = socket.getaddrinfo,
    trust: ssl.SSLContext | None = None,
    timeout_s: float = 20,
) -> Predictions:
    """Return a prediction over a new connection, by a client of `DOMAIN`."""
    transport = Transport(trust=trust)
    client = HuggingFaceInference(
        endpoint_domain=DOMAIN, token=lambda: "hf_test", transport=transport
    )
    try:
        deployment = a_live_deployment(endpoint_url=url)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(socket, "getaddrinfo", resolve)
            body = body_of(SMALL_BODY)
            return client.invoke(deployment, body, deadline=Deadline.after(timeout_s))
    finally:
        transport.close()


def failing(errno: int) -> Resolve:
    """Return a resolver that fails."""

    def resolve(_host: str, _port: int, *_more: Any) -> Addresses:
        raise socket.gaierror(errno, "no luck with a.endpoints.test")

    return resolve


def at(*ports: int) -> Resolve:
    """Return a resolver that finds these ports of this machine for every name."""
    return lambda _host, _port, *_more: [
        (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))
        for port in ports
    ]


@pytest.mark.parametrize(
    ("errno", "error"),
    [
        (socket.EAI_NONAME, ModelNotReadyError),
        (socket.EAI_AGAIN, ConnectionFailedError),
        (socket.EAI_FAIL, ConnectionFailedError),
    ],
)
def test_a_deleted_name_differs_from_one_that_is_not_found_now(
    errno: int, error: type[ServiceError]
) -> None:
    """Only a deleted endpoint has no name; a fault of the resolver passes."""
    with pytest.raises(ServiceError) as raised:
        invoke(f"https://a.{DOMAIN}", resolve=failing(errno))

    assert error is type(raised.value)
    assert DOMAIN not in raised.value.detail


def test_a_name_that_cannot_be_one_is_gone() -> None:
    """The resolver is not asked."""
    with pytest.raises(ModelNotReadyError):
        invoke(f"https://{64 * 'a'}.{DOMAIN}")


def test_a_resolver_that_hangs_is_left_behind() -> None:
    """The system's resolver takes no time-out."""
    released = threading.Event()

    def resolve(_host: str, _port: int, *_more: Any) -> Addresses:
        released.wait()
        return []

    try:
        with pytest.raises(ConnectionFailedError):
            invoke(f"https://a.{DOMAIN}", resolve=resolve, timeout_s=0.5)
    finally:
        released.set()


def test_a_name_without_an_address_is_no_connection() -> None:
    """The resolver returned an empty list."""
    with pytest.raises(ConnectionFailedError):
        invoke(f"https://a.{DOMAIN}", resolve=lambda _host, _port, *_more: [])


def test_without_time_nothing_is_sent() -> None:
    """A deadline can pass before the attempt begins."""
    with pytest.raises(ProviderTimeoutError):
        invoke(f"https://a.{DOMAIN}", resolve=at(9), timeout_s=0)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file with key and self-signed certificate of `a.endpoints.test`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"a.{DOMAIN}")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(f"a.{DOMAIN}")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    unencrypted = serialization.NoEncryption()
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    file.write_bytes(key.private_bytes(pem, form, unencrypted) + signed.public_bytes(pem))
    return file


@pytest.fixture
def server(certificate: Path) -> Iterator[FaultServer]:
    """Run a server that answers correctly over TLS."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with FaultServer(answers(200, RIGHT), tls=context) as server:
        yield server


def test_a_request_is_sent_to_a_trusted_certificate(server: FaultServer, certificate: Path) -> None:
    """The tests below rely on it."""
    trust = ssl.create_default_context(cafile=certificate)

    predicted = invoke(f"https://a.{DOMAIN}", resolve=at(server.port), trust=trust)

    assert PREDICTED == predicted
    assert f"a.{DOMAIN}" == server.requests[0].headers["host"]


def test_a_connection_is_kept_alive_under_tls(certificate: Path) -> None:
    """Until surplus bytes follow an answer."""
    trust = ssl.create_default_context(cafile=certificate)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    def answer_twice_then_too_much(peer: Peer) -> None:
        peer.answer(200, RIGHT)
        peer.answer(200, RIGHT)
        peer.read_request()
        peer.send(2 * response(200, RIGHT))
        peer.stay_silent()

    with (
        FaultServer(answer_twice_then_too_much, tls=context) as server,
        closing(Transport(trust=trust)) as transport,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(socket, "getaddrinfo", at(server.port))
        client = HuggingFaceInference(
            endpoint_domain=DOMAIN, token=lambda: "hf_test", transport=transport
        )
        deployment = a_live_deployment(endpoint_url=f"https://a.{DOMAIN}")
        connections = []
        for _ in range(4):
            predicted = client.invoke(deployment, body_of(SMALL_BODY), deadline=Deadline.after(20))
            assert PREDICTED == predicted
            connections.append(server.connections)

    assert [1, 1, 1, 2] == connections


@pytest.mark.parametrize(("host", "trusting"), [("a", False), ("b", True)])
def test_the_token_is_not_sent_to_an_untrusted_certificate(
    server: FaultServer, certificate: Path, host: str, trusting: bool
) -> None:
    """Neither to a self-signed one, nor to one of another name."""
    trust = ssl.create_default_context(cafile=certificate) if trusting else None

    with pytest.raises(ConnectionFailedError) as raised:
        invoke(f"https://{host}.{DOMAIN}", resolve=at(server.port), trust=trust)

    assert [] == server.requests
    assert DOMAIN not in raised.value.detail


@pytest.mark.parametrize(
    ("script", "timeout_s"),
    [(Peer.stay_silent, 0.5), (Peer.reset, 20), (lambda peer: peer.send(b"HTTP/1.1 200 OK"), 20)],
    ids=["silent", "reset", "no TLS"],
)
def test_a_handshake_that_fails_is_no_connection(
    script: Callable[[Peer], None], timeout_s: float
) -> None:
    """No request was sent, so another attempt is safe."""
    with FaultServer(script) as server, pytest.raises(ConnectionFailedError):
        invoke(f"https://a.{DOMAIN}", resolve=at(server.port), timeout_s=timeout_s)


def test_the_next_address_is_tried(server: FaultServer, certificate: Path) -> None:
    """Also when the first does not refuse at once."""
    trust = ssl.create_default_context(cafile=certificate)
    with socket.socket() as refusing:
        refusing.bind(("127.0.0.1", 0))
        resolve = at(refusing.getsockname()[1], server.port)

        assert PREDICTED == invoke(f"https://a.{DOMAIN}", resolve=resolve, trust=trust)
