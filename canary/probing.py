"""Asks a container of our own, which runs `probe.py`, what no document says."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from canary.account import Account
from canary.findings import Finding
from canary.probe import ANSWER_HEADER, SHOWN_HEADER
from functions.common.providers.packaging import ModelHub

PORT = 8000
COMMAND = ["python3", "/repository/probe.py"]
PROBE = Path(__file__).with_name("probe.py")
STATUSES = (400, 403, 404, 413, 422, 429, 500, 502, 503, 504)
BODY_MB = (1, 4, 6, 16, 32)
_SECRET = "shown-again"  # noqa: S105 - made up, and shown by the probe on purpose


def publish(hub: ModelHub, repository: str) -> str:
    """Publish the probe alone; return the revision. Raises: HubRefusedError."""
    with TemporaryDirectory() as folder:
        shutil.copy(PROBE, folder)
        hub.upload(Path(folder), repository, at=".")
        return hub.publish(Path(folder), repository)


def create_body(
    account: Account, name: str, *, image: str, revision: str, health: int = 200
) -> dict[str, Any]:
    """Return the body that creates the probe's endpoint, whose health route answers *health*."""
    place = account.place
    return {
        "name": name,
        "type": "authenticated",
        "provider": {"vendor": place.vendor, "region": place.region},
        "compute": {
            "accelerator": "cpu",
            "instanceType": place.instance_type,
            "instanceSize": place.instance_size,
            "scaling": {"minReplica": 0, "maxReplica": 1, "scaleToZeroTimeout": 15},
        },
        "model": {
            "repository": f"{place.namespace}/{name}",
            "revision": revision,
            "framework": "custom",
            "task": "custom",
            "image": {"custom": {"url": image, "port": PORT, "healthRoute": "/health"}},
            "command": COMMAND,
            "env": {"HOKUS_PORT": str(PORT), "HOKUS_HEALTH": str(health)},
            "secrets": {"HOKUS_ENDPOINT_SECRET": _SECRET},
        },
    }


def echoes(sent: dict[str, Any], shown: dict[str, Any], where: str) -> Iterator[Finding]:
    """Compare what was *sent* with what is *shown* in the answer called *where*."""
    for part in ("image", "command", "env", "revision", "task", "secrets"):
        asked, seen = sent["model"].get(part), shown["model"].get(part)
        answer = "as sent" if asked == seen else f"sent {asked}, shown {seen}"
        yield Finding(f"{where}: `model.{part}`", answer)
    yield Finding(f"{where}: `type`", str(shown.get("type")))


def container_facts(account: Account, url: str) -> Iterator[Finding]:
    """Ask the container for its user, places, processors and the headers that reach it."""
    facts = account.call("GET", f"{url}/facts").json()
    facts["variables"] = ", ".join(facts["variables"])
    for name, value in facts.items():
        yield Finding(f"container: {name}", str(value))
    headers = account.call("GET", f"{url}/headers", headers={SHOWN_HEADER: _SECRET}).json()
    reached = "authorization" in {name.lower() for name in headers["names"]}
    yield Finding("our `Authorization` reaches the container", "yes" if reached else "no")
    kept = headers["shown"] == _SECRET
    yield Finding(f"`{SHOWN_HEADER}` reaches the container", "unchanged" if kept else "no")
    yield Finding("headers of a request in the container", ", ".join(headers["names"]))


def statuses(account: Account, url: str) -> Iterator[Finding]:
    """Have the container answer each status, and see what comes through the proxy."""
    for status in STATUSES:
        answer = account.call("GET", f"{url}/status/{status}")
        ours = _body(answer).get("deployment_id") == "probe"
        seen = [
            f"{answer.status_code}",
            "our body" if ours else f"another body: {answer.text[:120]}",
            f"Retry-After {answer.headers.get('retry-after')}",
            f"{ANSWER_HEADER} {answer.headers.get(ANSWER_HEADER)}",
        ]
        yield Finding(f"status {status} of a container through the proxy", "; ".join(seen))


def sizes_and_times(account: Account, url: str, waits_s: tuple[float, ...]) -> Iterator[Finding]:
    """Send larger and larger bodies, then have answers wait longer and longer."""
    for size in BODY_MB:
        answer = _outcome(account, "POST", f"{url}/size", content=b"x" * (size * 1_000_000))
        yield Finding(f"a body of {size} MB", answer)
    for wait_s in waits_s:
        answer = _outcome(account, "GET", f"{url}/wait/{wait_s:g}", timeout=wait_s + 60)
        yield Finding(f"an answer after {wait_s:g} s", answer)


def restarts(account: Account, name: str, url: str, *, within_s: float) -> Iterator[Finding]:
    """Pause and resume, sleep and wake: a second start shows whether the image is cached."""
    account.act(name, "pause")
    account.wait(name, "paused", within_s=within_s)
    yield Finding("a call while it is paused", _outcome(account, "GET", f"{url}/health"))
    account.act(name, "resume")
    _, resumed_s = account.wait(name, "running", within_s=within_s)
    yield Finding("second start (resume) to running", f"{resumed_s:.0f} s")
    account.act(name, "scale-to-zero")
    account.wait(name, "scaledToZero", within_s=within_s)
    yield Finding("a call while it sleeps", _outcome(account, "GET", f"{url}/health"))
    began = time.monotonic()
    while account.call("GET", f"{url}/health").status_code != httpx.codes.OK:
        if time.monotonic() - began > within_s:
            yield Finding("waking to the first answer", f"not within {within_s:.0f} s")
            return
        time.sleep(1)
    yield Finding("waking to the first answer", f"{time.monotonic() - began:.0f} s")


def _outcome(account: Account, method: str, url: str, **request: Any) -> str:
    try:
        answer = account.call(method, url, **request)
    except httpx.HTTPError as error:
        return type(error).__name__
    after = answer.headers.get("retry-after")
    return f"{answer.status_code} {answer.text[:120]}" + (
        f" (Retry-After {after})" if after else ""
    )


def _body(answer: httpx.Response) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
