"""Hugging Face's control API: what is sent, and how its answers and errors are read."""

from datetime import datetime

import httpx
import pytest

from functions.common.providers.base import (
    EndpointExistsError,
    EndpointState,
    ProviderRefusedError,
    ProviderUnavailableError,
    StartFailure,
)
from tests.contract.endpoint_control.systems import (
    CREATED_AT,
    SPEC,
    TAG,
    HuggingFaceApp,
    control_of,
)


def test_a_list_asks_for_full_pages_of_its_tag() -> None:
    """Pages of a hundred, filtered by the server."""
    app = HuggingFaceApp()

    control_of(app).tagged(TAG)

    assert [{"tags": TAG, "limit": "100"}] == [dict(each.url.params) for each in app.requests]


@pytest.mark.parametrize("content", [b"", b"[]", b'{"items": null}', b'{"endpoints": []}'])
def test_an_answer_that_is_no_list_is_retryable(content: bytes) -> None:
    """Taken for an empty list, it would mean that none of our endpoints exist."""
    with pytest.raises(ProviderUnavailableError):
        control_of(lambda _request: httpx.Response(200, content=content)).tagged(TAG)


def test_a_repeated_cursor_ends_the_list() -> None:
    """A server that repeats a page is not asked forever, and no endpoint is listed twice."""
    document = {"name": "x", "model": {}, "status": {}, "tags": [TAG]}
    page = {"items": [document, {"name": "foreign"}], "nextCursor": "again"}

    listed = control_of(lambda _request: httpx.Response(200, json=page)).tagged(TAG)

    assert ["x"] == [endpoint.name for endpoint in listed]


def test_a_refused_resume_raises() -> None:
    """Unless the endpoint is running already."""
    answer = httpx.Response(400, json={"error": "Bad Request: no quota"})

    with pytest.raises(ProviderRefusedError, match="no quota"):
        control_of(lambda _request: answer).resume("x")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-22T12:41:53.263078506Z", CREATED_AT),
        ("2026-11-22T12:41:53.263078", CREATED_AT),
        ("2026-11-22T14:41:53.263078+02:00", CREATED_AT),
        ("yesterday", None),
        (None, None),
    ],
)
def test_times_with_up_to_nine_digits_are_read(text: str | None, expected: datetime | None) -> None:
    """They always have a zone; a time that cannot be read is None."""
    document = {"name": "x", "model": {}, "status": {"createdAt": text}}

    endpoint = control_of(lambda _request: httpx.Response(200, json=document)).describe("x")

    assert endpoint
    assert (expected, None) == (endpoint.created_at, endpoint.hardware)


@pytest.mark.parametrize(
    ("message", "failure"),
    [
        ("Endpoint failed to start. Exit code: 3. Reason: no weights", StartFailure.EXITED),
        ("Endpoint failed to start. Exit code: 137. Reason: ", StartFailure.KILLED),
        ("Endpoint failed to start. Scheduling failure: no capacity", StartFailure.NO_MACHINE),
        ("", StartFailure.NO_MACHINE),
    ],
)
def test_the_message_of_a_failed_start_names_the_cause(message: str, failure: StartFailure) -> None:
    """The container exited, was killed, or never got an instance."""
    status = {"state": "failed", "message": message}
    document = {"name": "x", "model": {}, "status": status}

    endpoint = control_of(lambda _request: httpx.Response(200, json=document)).describe("x")

    assert endpoint
    assert failure is endpoint.failure


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, ProviderRefusedError),
        (401, ProviderRefusedError),
        (402, ProviderRefusedError),
        (403, ProviderRefusedError),
        (404, ProviderRefusedError),
        (408, ProviderUnavailableError),
        (409, EndpointExistsError),
        (422, ProviderRefusedError),
        (429, ProviderUnavailableError),
        (307, ProviderUnavailableError),
        (500, ProviderUnavailableError),
        (502, ProviderUnavailableError),
        (503, ProviderUnavailableError),
    ],
)
def test_every_error_status_has_its_error(status: int, error: type[Exception]) -> None:
    """The message has the server's text, shortened."""
    words = "no such hardware " * 100
    headers = {"Location": "https://elsewhere.test"}
    answer = httpx.Response(status, json={"error": words}, headers=headers)

    with pytest.raises(error, match="no such hardware") as raised:
        control_of(lambda _request: answer).create(SPEC)

    assert len(str(raised.value)) < 400


@pytest.mark.parametrize(
    ("status", "words", "may_pass"),
    [
        (400, "Instance compute not found", False),
        (400, "Quota exceeded for intel-spr", True),
        (422, "No capacity in us-east-1", True),
        (401, "", True),
        (402, "", True),
        (403, "", True),
    ],
)
def test_a_refusal_is_temporary_or_permanent(status: int, words: str, may_pass: bool) -> None:
    """Missing capacity, money or rights are temporary; an invalid request is permanent."""
    answer = httpx.Response(status, json={"error": words})

    with pytest.raises(ProviderRefusedError) as raised:
        control_of(lambda _request: answer).create(SPEC)

    assert may_pass is raised.value.may_pass


@pytest.mark.parametrize(
    "fault", [httpx.ConnectTimeout, httpx.ReadTimeout, httpx.ConnectError, httpx.ReadError]
)
def test_no_answer_is_retryable(fault: type[httpx.TransportError]) -> None:
    """The provider may have done the work all the same."""

    def app(_request: httpx.Request) -> httpx.Response:
        raise fault("no answer")

    with pytest.raises(ProviderUnavailableError, match=fault.__name__):
        control_of(app).create(SPEC)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"name": 1}', b'{"name": "x"}'])
def test_an_answer_that_is_no_endpoint_is_retryable(content: bytes) -> None:
    """A gateway's page with status 200 is not taken for an endpoint."""
    with pytest.raises(ProviderUnavailableError):
        control_of(lambda _request: httpx.Response(200, content=content)).create(SPEC)


def test_an_unknown_state_counts_as_starting() -> None:
    """A new state of the provider's does not end a deployment."""
    document = {"name": "x", "model": {}, "status": {"state": "hibernating"}}
    control = control_of(lambda _request: httpx.Response(200, json=document))

    endpoint = control.describe("x")

    assert endpoint
    assert EndpointState.STARTING == endpoint.state


def test_a_refused_token_is_reported_without_the_token() -> None:
    """The error says that the token was refused and does not contain it."""
    with pytest.raises(ProviderRefusedError) as raised:
        control_of(HuggingFaceApp(), token="hf_wrong").describe("x")

    assert "hf_wrong" not in str(raised.value)


@pytest.mark.parametrize(
    ("status", "words", "out_of_credits"),
    [
        (402, "Payment required", True),
        (403, "Payment method required for namespace", True),
        (403, "missing permissions: inference.endpoints.write", False),
        (400, "no credits", False),
    ],
)
def test_a_refusal_for_want_of_credits_is_told_from_others(
    status: int, words: str, out_of_credits: bool
) -> None:
    """It may pass: somebody pays."""
    answer = httpx.Response(status, json={"error": words})

    with pytest.raises(ProviderRefusedError) as raised:
        control_of(lambda _request: answer).create(SPEC)

    assert out_of_credits == raised.value.out_of_credits
    assert raised.value.may_pass or not out_of_credits


@pytest.mark.parametrize(
    ("state", "message", "out_of_credits"),
    [
        ("paused", "Endpoint paused: insufficient credits", True),
        ("failed", "Billing issue", True),
        ("paused", "Endpoint is paused", False),
        ("running", "Endpoint is ready, credits are low", False),
        ("failed", "Exit code: 1. Reason: credit_risk.py: no such column", False),
    ],
)
def test_an_endpoint_that_was_stopped_for_want_of_credits(
    state: str, message: str, out_of_credits: bool
) -> None:
    """A model may be about credits; the end of its log says nothing about ours."""
    app = HuggingFaceApp()
    control = control_of(app)
    control.create(SPEC)
    app.endpoints[SPEC.name]["status"] |= {"state": state, "message": message}

    endpoint = control.describe(SPEC.name)

    assert endpoint
    assert out_of_credits == endpoint.out_of_credits


def test_times_and_replicas_are_read_where_they_are_given() -> None:
    """Of replicas that come or go, the more are paid for; at least those that are always kept."""
    app = HuggingFaceApp()
    control = control_of(app)
    control.create(SPEC)
    app.endpoints[SPEC.name]["status"] |= {
        "state": "running",
        "updatedAt": "2026-11-22T13:00:00.000000001Z",
        "lastUsedAt": "2026-11-22T14:00:00Z",
        "readyReplica": 1,
        "targetReplica": 2,
    }

    endpoint = control.describe(SPEC.name)

    assert endpoint
    assert (13, 14) == (
        endpoint.updated_at and endpoint.updated_at.hour,
        endpoint.last_used_at and endpoint.last_used_at.hour,
    )
    assert (2, True) == (endpoint.started_replicas, endpoint.is_billed)
