"""The Lambda authorizer's answers to API Gateway."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from functions.authorizer import handler as authorizer
from functions.authorizer.auth_service import AuthServiceDownError, KeyOwner
from functions.authorizer.bearer import KeyRefusedError
from tests.events import event
from tests.fakes.auth_service import FakeAuthService
from tests.wide_events import wide_events

KEY = "hk_live_0123456789abcdef0123456789abcdef"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> FakeAuthService:
    """An auth service with one valid key."""
    service = FakeAuthService({KEY: KeyOwner(user_id="u1", key_id="k1")})
    monkeypatch.setattr(authorizer, "auth_service", lambda: service)
    return service


def authorize(**changes: Any) -> dict[str, Any]:
    """Return the answer to the recorded event with *changes*."""
    return authorizer.lambda_handler(event("authorizer", **changes), None)


def test_a_valid_key_is_allowed_on_the_whole_stage(service: FakeAuthService) -> None:
    """API Gateway caches the policy for every route and method."""
    answer = authorize()

    (statement,) = answer["policyDocument"]["Statement"]
    assert "Allow" == statement["Effect"]
    assert "arn:aws:execute-api:us-east-1:123456789012:1234567890/live/*" == statement["Resource"]
    assert ("u1", "k1") == (answer["principalId"], answer["context"]["key_id"])
    assert [(KEY, "203.0.113.7")] == service.asked


@pytest.mark.usefixtures("service")
def test_the_context_has_the_time_of_the_check() -> None:
    """As numbers without a fraction, for `Server-Timing` of the request that waited for it."""
    before = time.time() * 1_000
    context = authorize()["context"]

    assert before - 1 <= context["authorized_at_ms"] <= time.time() * 1_000
    assert 0 <= context["auth_ms"]
    assert {int, float} == {type(context[name]) for name in ("authorized_at_ms", "auth_ms")}


@pytest.mark.parametrize(
    "headers",
    [
        None,
        {},
        {"Authorization": KEY},
        {"Authorization": "Basic " + KEY},
        {"Authorization": "Bearer hk_live_" + "f" * 32},
        {"authorization": f"Bearer {KEY}", "Authorization": f"Bearer {KEY}"},
    ],
)
@pytest.mark.usefixtures("service")
def test_a_refused_key_raises_the_one_message_that_means_401(
    headers: dict[str, str] | None,
) -> None:
    """API Gateway compares the text."""
    with pytest.raises(Exception, match=r"^Unauthorized$"):
        authorize(headers=headers)


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
@pytest.mark.usefixtures("service")
def test_the_schemes_case_does_not_matter(scheme: str) -> None:
    """RFC 9110, 11.1."""
    assert "u1" == authorize(headers={"AUTHORIZATION": f"{scheme} {KEY}"})["principalId"]


def test_an_unavailable_service_is_not_401(service: FakeAuthService) -> None:
    """Any other message is an authorizer failure, which becomes 503."""
    service.error = AuthServiceDownError("status 500")

    with pytest.raises(authorizer.AuthorizerUnavailableError) as raised:
        authorize()
    assert "Unauthorized" not in str(raised.value)


@pytest.mark.parametrize("error", [KeyRefusedError("no"), AuthServiceDownError("down")])
def test_no_key_is_logged_or_raised(
    service: FakeAuthService,
    error: Exception,
    logged: Callable[[], str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Neither a refused key nor one that could not be checked."""
    service.error = error

    with pytest.raises(Exception) as raised:  # noqa: PT011 - whichever it is
        authorize()

    (line,) = wide_events(capsys.readouterr().out)
    assert (str(error), int(isinstance(error, AuthServiceDownError))) == (
        line["reason"],
        line["Fault"],
    )
    assert KEY not in str(raised.value) + logged() + str(line)


@pytest.mark.usefixtures("service")
def test_each_call_leaves_one_line_with_its_caller(capsys: pytest.CaptureFixture[str]) -> None:
    """By API Gateway's id it is joined with the line of the function behind it."""
    authorize()

    (line,) = wide_events(capsys.readouterr().out)
    assert ("authorizer", "u1", "k1", 0) == tuple(
        line[name] for name in ("service", "user", "key", "Fault")
    )
    assert event("authorizer")["requestContext"]["requestId"] == line["gateway_request_id"]
