"""Deploys a tiny model by the product's own code, and predicts with it."""

import secrets
import statistics
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from canary.account import TAG, Account, CanaryError
from canary.findings import Finding
from canary.model import ROWS, SUMS, save_model
from functions.common.deadline import Deadline
from functions.common.deployments.record import Deployment, EndpointRecord, PackageRecord, Status
from functions.common.errors import ServiceError
from functions.common.packages.model_packages import ModelPackages
from functions.common.providers.base import EndpointSpec
from functions.common.providers.hardware import Hardware
from functions.common.providers.huggingface.provider import HuggingFace
from functions.common.providers.packaging import MODEL_FOLDER
from functions.common.signatures.body import RequestBody

PYTHONS = {"container": "3.13", "toolkit": "3.11"}
_TIMES = 20
_TIMEOUT_S = 25


def deployed(
    account: Account, provider: HuggingFace, name: str, runtime: str, *, within_s: float
) -> Iterator[Finding]:
    """Package the model for *runtime*, create its endpoint, predict, and delete it.

    Raises: CanaryError.
    """
    deployment, began = _packaged(account, provider, name, runtime), time.monotonic()
    yield Finding(f"{runtime}: packaged and published", f"revision {deployment.package.revision}")
    spec = _spec(account, deployment)
    account.adopt(name)
    control = provider.control()
    try:
        differing = control.differences(control.create(spec), spec)
        yield Finding(f"{runtime}: create", "; ".join(differing) or "as the product asked for")
        document, _ = account.wait(name, "running", within_s=within_s)
        yield Finding(f"{runtime}: create to running", f"{time.monotonic() - began:.0f} s")
        yield from _predicted(provider, deployment, document["status"]["url"], runtime)
    finally:
        gone_s = account.delete(name)
    yield Finding(f"{runtime}: delete to gone", f"{gone_s:.0f} s")


def _packaged(account: Account, provider: HuggingFace, name: str, runtime: str) -> Deployment:
    python, now = PYTHONS[runtime], datetime.now(UTC)
    repository = f"{account.place.namespace}/{name}"
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "package"
        folder.mkdir()
        save_model(folder / MODEL_FOLDER)
        (folder / "model_code.py").unlink()
        requirements = (folder / MODEL_FOLDER / "requirements.txt").read_text(encoding="utf-8")
        packages = ModelPackages(requirements=requirements)
        made = provider.add_runtime(folder, packages, runtime=runtime, python=python)
        provider.model_hub().upload(folder / MODEL_FOLDER, repository, at=MODEL_FOLDER)
        revision = provider.model_hub().publish(folder, repository)
    return Deployment(
        id=str(uuid4()),
        model_id="canary",
        model_version="1",
        status=Status.DEPLOYING,
        requested_at=now,
        created_at=now,
        updated_at=now,
        endpoint=EndpointRecord(name=name, secret=secrets.token_urlsafe(32)),
        package=PackageRecord(
            runtime=runtime,
            python=python,
            repository=repository,
            revision=revision,
            digest=made.digest,
        ),
    )


def _spec(account: Account, deployment: Deployment) -> EndpointSpec:
    package, place = deployment.package, account.place
    return EndpointSpec(
        name=deployment.endpoint.name or "",
        repository=package.repository or "",
        revision=package.revision or "",
        hardware=Hardware(
            vendor=place.vendor,
            region=place.region,
            instance_type=place.instance_type,
            instance_size=place.instance_size,
            min_replicas=1,
            max_replicas=1,
            scale_to_zero_after_min=None,
        ),
        access="authenticated",
        tags=(TAG,),
        runtime=package.runtime or "",
        python=package.python,
        env={"HOKUS_DEPLOYMENT_ID": deployment.id},
        secrets={"HOKUS_ENDPOINT_SECRET": deployment.endpoint.secret or ""},
    )


def _predicted(
    provider: HuggingFace, deployment: Deployment, url: str, runtime: str
) -> Iterator[Finding]:
    """Raises: CanaryError."""
    client, body = provider.inference(), RequestBody.of(ROWS)
    ours = replace(deployment, endpoint=replace(deployment.endpoint, url=url))
    stranger = replace(ours, endpoint=replace(ours.endpoint, secret="another"))  # noqa: S106
    latencies_s = []
    try:
        for _ in range(1 + _TIMES):
            began = time.monotonic()
            answer = client.invoke(ours, body, deadline=Deadline.after(_TIMEOUT_S))
            latencies_s.append(time.monotonic() - began)
            if answer.values != SUMS or answer.package_digest != deployment.package.digest:
                raise CanaryError(f"{runtime} answered {answer.values}, not {SUMS}.")
    except ServiceError as error:
        raise CanaryError(f"{runtime}: {type(error).__name__}: {error.detail}") from error
    yield Finding(f"{runtime}: first prediction", f"{latencies_s[0] * 1000:.0f} ms, right")
    median_ms = statistics.median(latencies_s[1:]) * 1000
    yield Finding(f"{runtime}: median of {_TIMES} more", f"{median_ms:.0f} ms, all right")
    try:
        client.invoke(stranger, body, deadline=Deadline.after(_TIMEOUT_S))
    except ServiceError as error:
        yield Finding(f"{runtime}: with another secret", type(error).__name__)
    else:
        raise CanaryError(f"{runtime} answered a request with another secret.")
