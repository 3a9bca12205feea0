"""Checks of the running service: its API, the auth service, the reconciler's own view."""

from collections.abc import Iterator, Mapping
from functools import partial

import httpx

from doctor.findings import Finding, ok, wrong
from doctor.live_installation import LiveInstallation
from functions.authorizer.auth_service import VALIDATE_PATH, AuthServiceDownError, HttpAuthService
from functions.authorizer.bearer import KeyRefusedError
from functions.authorizer.post import Answer
from infra.installation import ReconcilerBrokenError

_NOBODYS_KEY = f"hk_test_{'0' * 32}"
"""Has the form of a key, and is one of nobody."""


def check_api(live: LiveInstallation) -> Iterator[Finding]:
    """Whether the API answers under the address that callers use."""
    url = f"{live.installation.outputs['ApiUrl']}/health"
    try:
        answer = live.http.get(url)
    except httpx.HTTPError as error:
        yield wrong(
            "API", f"{url} does not answer ({type(error).__name__}): is its DNS record set?"
        )
        return
    if answer.is_success and answer.json().get("status") == "ok":
        yield ok("API", f"{url} answers, version {answer.json().get('version')}")
    else:
        yield wrong("API", f"{url} answered {answer.status_code}")


def check_auth_service(live: LiveInstallation) -> Iterator[Finding]:
    """Whether the auth service refuses a key of nobody, which is all that can be asked of it."""
    settings = live.authorizer
    service = HttpAuthService(service_id=settings.auth_service_id, post=partial(_post, live))
    try:
        service.owner_of(_NOBODYS_KEY, client_ip=None)
    except KeyRefusedError:
        yield ok("auth service", f"{settings.auth_url} answers, and refuses a key of nobody")
    except AuthServiceDownError as error:
        yield wrong(
            "auth service", f"{settings.auth_url} does not work ({error}): callers get 503."
        )
    else:
        yield wrong("auth service", f"{settings.auth_url} accepts a key of nobody, or limits it")


def _post(live: LiveInstallation, content: bytes, headers: Mapping[str, str]) -> Answer:
    """Raises: ConnectionError."""
    url = live.authorizer.auth_url.rstrip("/") + VALIDATE_PATH
    try:
        answer = live.http.post(url, content=content, headers=dict(headers))
    except httpx.HTTPError as error:
        raise ConnectionError(type(error).__name__) from None
    return Answer(answer.status_code, answer.content)


def check_reconciler(live: LiveInstallation) -> Iterator[Finding]:
    """Have the reconciler look at everything without changing anything."""
    try:
        report = live.installation.reconcile({"dry_run": True})
    except ReconcilerBrokenError as error:
        yield wrong("reconciler", f"breaks: {error}")
        return
    if secret := report.get("waiting_for"):
        yield wrong("reconciler", f"waits until the secret {secret} is filled")
    elif report["failed"]:
        yield wrong("reconciler", f"cannot see to {report['failed']} models: its log says why")
    else:
        pending = (
            f"{len(report['changes'])} changes to make" if report["changes"] else "all is well"
        )
        yield ok("reconciler", f"looked at {report['models']} models: {pending}")
