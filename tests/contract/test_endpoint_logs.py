"""The fake logs of endpoints and Hugging Face's (a server on this machine) behave the same."""

from collections.abc import Iterator
from typing import Any, Protocol

import pytest

from functions.common.providers.base import ProviderRefusedError, ProviderUnavailableError
from functions.common.providers.endpoint_logs import MAX_LOG_BYTES, EndpointLogs
from functions.common.providers.huggingface.logs import HuggingFaceLogs
from tests.fakes.endpoint_logs import FakeEndpointLogs
from tests.faults.scripts import answers, silent_after_the_request
from tests.faults.server import FaultServer

NAME = "hokus-iris-0123abcd"
LONG = "".join(f"- 2026-11-22T12:00:00.000+00:00 line {number}\n" for number in range(9_000))


class System(Protocol):
    """Logs, and what the endpoint has written, or why the provider does not say."""

    logs: EndpointLogs

    def writes(self, text: str) -> None: ...
    def fails(self, status: int) -> None: ...


class FakeSystem:
    def __init__(self, _server: FaultServer) -> None:
        self.logs = FakeEndpointLogs()

    def writes(self, text: str) -> None:
        self.logs.logs[NAME] = text

    def fails(self, status: int) -> None:
        kind = ProviderUnavailableError if status >= 429 else ProviderRefusedError
        self.logs.error = kind("No log.")


class HuggingFaceSystem:
    def __init__(self, server: FaultServer) -> None:
        self._server = server
        self._server.script = answers(404, {"error": "Endpoint not found"})
        self.logs = of_server(server)

    def writes(self, text: str) -> None:
        self._server.script = answers(200, text.encode())

    def fails(self, status: int) -> None:
        self._server.script = answers(status, {"error": "no"})


def of_server(server: FaultServer) -> HuggingFaceLogs:
    return HuggingFaceLogs(api_url=server.url, namespace="acme", token=lambda: "hf_test")


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(answers(404)) as server:
        yield server


@pytest.fixture(params=[FakeSystem, HuggingFaceSystem])
def system(request: pytest.FixtureRequest, server: FaultServer) -> Any:
    return request.param(server)


def test_a_log_is_read(system: System) -> None:
    """As it is, whatever alphabet it is in."""
    system.writes("- 2026-11-22T12:00:00.000+00:00 Grüße\nTraceback\n")

    assert system.logs.read(NAME).endswith("Grüße\nTraceback\n")


def test_without_an_endpoint_the_log_is_empty(system: System) -> None:
    """It is gone, or has not written anything."""
    assert "" == system.logs.read(NAME)


def test_of_a_long_log_the_end_is_read(system: System) -> None:
    """From the beginning of a line."""
    system.writes(LONG)

    text = system.logs.read(NAME)

    assert MAX_LOG_BYTES - 100 < len(text) <= MAX_LOG_BYTES
    assert text.startswith("- 2026-11-22T12:00:00.000+00:00 line ")
    assert LONG.endswith(text)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, ProviderRefusedError),
        (403, ProviderRefusedError),
        (429, ProviderUnavailableError),
        (503, ProviderUnavailableError),
    ],
)
def test_a_refusal_is_an_error(system: System, status: int, error: type[Exception]) -> None:
    """It says nothing of the log."""
    system.fails(status)

    with pytest.raises(error):
        system.logs.read(NAME)


def test_what_is_asked_of_hugging_face(server: FaultServer) -> None:
    """A bounded number of lines, with the token, and no stream that goes on for ever."""
    server.script = answers(200, b"x\n")

    of_server(server).read("a b")

    (request,) = server.requests
    head = str(request)
    assert "/v2/endpoint/acme/a%20b/logs?tail=5000&line_max_length=4000" in head
    assert "Bearer hf_test" in head
    assert "follow" not in head


def test_a_silent_provider_is_unavailable(
    server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the kind of trouble, and no address."""
    monkeypatch.setattr("functions.common.providers.huggingface.logs._TIMEOUT", 0.2)
    server.script = silent_after_the_request

    with pytest.raises(ProviderUnavailableError, match=r"^[^:/]*\(ReadTimeoutError\)\.$"):
        of_server(server).read(NAME)
