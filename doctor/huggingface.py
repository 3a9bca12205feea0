"""Checks of Hugging Face: both tokens, their permissions, the account that pays."""

from collections.abc import Iterator, Mapping
from typing import Any

from doctor.findings import Finding, note, ok, unknown, wrong
from doctor.live_installation import LiveInstallation
from functions.common.packages.requirement_lines import shown
from functions.common.secrets import SecretUnavailableError, blotted, header_value
from infra.huggingface_permissions import CALLING, MANAGING

TOKENS = {"HuggingFaceTokenSecret": MANAGING, "HuggingFaceCallingTokenSecret": CALLING}
"""By the stack's output, the permissions that the token needs and no more."""
_PAGE = "https://huggingface.co/settings/tokens"
_OK, _UNAUTHORIZED, _TOO_MANY = 200, 401, 429


def check_huggingface(live: LiveInstallation) -> Iterator[Finding]:
    """Ask who each token is and what it may do, then list the endpoints with it."""
    namespace, payers = live.huggingface.huggingface_namespace, []
    for output, needed in TOKENS.items():
        token = live.filled(output)
        if token is None or not can_be_sent(token, output):
            # `check_secrets` has said so.
            continue
        answer = _get(live, f"{live.huggingface.huggingface_hub_url}/api/whoami-v2", token)
        if answer.status_code == _UNAUTHORIZED:
            yield wrong(output, f"Hugging Face does not know the token: make one at {_PAGE}")
        elif answer.status_code != _OK:
            yield unknown(output, f"Hugging Face answered {answer.status_code} to whoami")
        else:
            identity = answer.json()
            payers.append(identity)
            yield _permissions(output, identity, needed, namespace)
            yield _listing(live, output, token, namespace)
    if payers:
        yield _payment(payers[0], namespace)


def can_be_sent(token: str, output: str) -> bool:
    """Return whether a header can carry *token*."""
    try:
        header_value(token, name=output)
    except SecretUnavailableError:
        return False
    return True


def _get(live: LiveInstallation, url: str, token: str) -> Any:
    return live.http.get(url, headers={"Authorization": f"Bearer {token}"})


def _permissions(
    output: str, identity: Mapping[str, Any], needed: tuple[str, ...], namespace: str
) -> Finding:
    """Compare what the token may do in *namespace* with what is *needed*.

    Source of the form: `GET /api/whoami-v2`, `auth.accessToken.fineGrained.scoped`.
    """
    known = {identity["name"], *(each["name"] for each in identity.get("orgs", []))}
    if namespace not in known:
        return wrong(
            output,
            f"belongs to {identity['name']}, who is no member of {namespace}: make a token of a "
            f"member at {_PAGE}",
        )
    token = identity.get("auth", {}).get("accessToken", {})
    if token.get("role") != "fineGrained":
        return wrong(
            output,
            f"may do everything of its role {token.get('role')!r}: make a fine-grained token with "
            f"{', '.join(needed)} for {namespace} at {_PAGE}",
        )
    granted = {
        permission
        for scope in token["fineGrained"].get("scoped", [])
        if scope["entity"]["name"] == namespace
        for permission in scope["permissions"]
    }
    if missing := [each for each in needed if each not in granted]:
        return wrong(output, f"lacks {', '.join(missing)} for {namespace}: edit it at {_PAGE}")
    if excess := sorted(granted - set(needed)):
        return note(output, f"has what it needs, and more than that: {', '.join(excess)}")
    return ok(output, f"may do in {namespace} what it needs: {', '.join(needed)}")


def _listing(live: LiveInstallation, output: str, token: str, namespace: str) -> Finding:
    subject = f"endpoints with {output}"
    url = f"{live.huggingface.huggingface_api_url}/v2/endpoint/{namespace}"
    answer = _get(live, url, token)
    if answer.status_code == _OK:
        return ok(subject, "can be listed")
    said = shown(blotted(answer.text, token))
    return wrong(subject, f"Hugging Face answered {answer.status_code} to a list: {said}")


def _payment(identity: Mapping[str, Any], namespace: str) -> Finding:
    """Say whether *namespace* can pay; no API says how much of its credits is left.

    A billing report needs a permission that neither token has, and shows no remaining credits.
    """
    orgs = {each["name"]: each for each in identity.get("orgs", [])}
    payer = identity if identity["name"] == namespace else orgs.get(namespace, {})
    subject = "credits of Hugging Face"
    where = "Look at the billing page of the account: when they end, endpoints stop."
    if payer.get("canPay"):
        return note(subject, f"{namespace} has a way to pay; what is left cannot be asked. {where}")
    return note(subject, f"{namespace} shows no way to pay, so it lives on its credits. {where}")
