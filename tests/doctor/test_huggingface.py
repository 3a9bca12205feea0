"""Checks of both tokens."""

from typing import Any

import httpx
import pytest

from doctor.huggingface import check_huggingface
from functions.common.secrets import NOT_SET
from tests.doctor.examined import CALLING, MANAGING, Examined, identity, levels, sound


def without(permission: str) -> Any:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/api/whoami-v2":
            return sound(request)
        found = identity(request)
        (scope,) = found["auth"]["accessToken"]["fineGrained"]["scoped"]
        scope["permissions"] = [each for each in scope["permissions"] if each != permission]
        return httpx.Response(200, json=found)

    return answer


@pytest.mark.parametrize(
    ("permission", "outputs"),
    [
        ("inference.endpoints.write", {MANAGING}),
        ("inference.endpoints.infer.write", {CALLING}),
        ("inference.endpoints.read", {MANAGING, CALLING}),
        ("repo.write", {MANAGING}),
    ],
)
def test_a_missing_permission_is_named(it: Examined, permission: str, outputs: set[str]) -> None:
    """With the page where the token is edited."""
    it.answer = without(permission)

    wrong = [each for each in it.look(check_huggingface) if each.level == "WRONG"]

    assert outputs == {each.subject for each in wrong}
    assert all(permission in each.text and "settings/tokens" in each.text for each in wrong)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"orgs": []}, "no member of hokusai"),
        ({"auth": {"accessToken": {"role": "write"}}}, "fine-grained"),
    ],
)
def test_a_token_of_the_wrong_kind_is_wrong(
    it: Examined, changes: dict[str, Any], said: str
) -> None:
    """It belongs to somebody else, or may do everything."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/whoami-v2":
            return httpx.Response(200, json=identity(request, **changes))
        return sound(request)

    it.answer = answer

    wrong = [each for each in it.look(check_huggingface) if each.level == "WRONG"]
    assert [MANAGING, CALLING] == [each.subject for each in wrong]
    assert all(said in each.text for each in wrong)


def test_a_revoked_token_is_wrong(it: Examined) -> None:
    """Hugging Face answers 401."""
    it.answer = lambda _: httpx.Response(401, json={"error": "Invalid credentials"})

    assert {MANAGING: "WRONG", CALLING: "WRONG"} == levels(it.look(check_huggingface))


def test_endpoints_that_cannot_be_listed_are_wrong(it: Examined) -> None:
    """Whatever whoami says of the permissions."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/v2/endpoint"):
            return httpx.Response(403, json={"error": "Payment method required for namespace"})
        return sound(request)

    it.answer = answer
    found = it.look(check_huggingface)

    assert "WRONG" == levels(found)[f"endpoints with {MANAGING}"]
    assert any("Payment method" in each.text for each in found)


def test_a_token_that_is_not_set_is_not_sent(it: Examined) -> None:
    """Its secret's line says what to do."""
    it.put(MANAGING, NOT_SET)
    it.put(CALLING, NOT_SET)
    it.answer = lambda _: pytest.fail("asked")

    assert [] == it.look(check_huggingface)
