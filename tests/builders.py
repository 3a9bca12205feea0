"""Builders of deployment records: a default deployment, changed in what a test is about."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.identity import deployment_id
from functions.common.deployments.items import ATTRIBUTES
from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentStore
from functions.common.providers.hardware import Hardware
from functions.common.signatures.body import RequestBody

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HARDWARE = Hardware(
    vendor="aws",
    region="us-east-1",
    instance_type="intel-spr",
    instance_size="x2",
    min_replicas=1,
    max_replicas=1,
    scale_to_zero_after_min=None,
)


def body_of(raw: bytes) -> RequestBody:
    """Return the body of the JSON object *raw*."""
    return RequestBody(raw, json.loads(raw))


def changed(deployment: Deployment, **values: Any) -> Deployment:
    """Return *deployment* with *values*, by the names of stored attributes."""
    for part, attributes in ATTRIBUTES.items():
        own = {field: values.pop(name) for field, name in attributes.items() if name in values}
        if own:
            values[part] = replace(getattr(deployment, part), **own)
    return replace(deployment, **values)


def a_deployment(
    *,
    model_id: str = "iris",
    model_version: str = "1",
    requested_at: datetime = NOON,
    attempt: int = 1,
    status: Status = Status.DEPLOYING,
    **changes: Any,
) -> Deployment:
    """Return a deployment of `iris` version 1, requested at noon."""
    deployment = Deployment(
        id=deployment_id(model_id, model_version, requested_at, attempt=attempt),
        model_id=model_id,
        model_version=model_version,
        status=status,
        requested_at=requested_at,
        attempt=attempt,
        created_at=requested_at,
        updated_at=requested_at,
    )
    return changed(deployment, **changes)


def a_live_deployment(**changes: Any) -> Deployment:
    """Return a deployment that is live."""
    return a_deployment(
        **{
            "status": Status.DEPLOYED,
            "endpoint_name": "hokus-iris-0123abcd",
            "endpoint_url": "https://abcdefghijklmnop.us-east-1.aws.endpoints.huggingface.cloud",
            "endpoint_secret": "the-deployment-secret",
            **changes,
        }
    )


def set_desired(store: DeploymentStore, deployment: Deployment) -> None:
    """Make *deployment* the desired one of its model, whatever was desired before."""
    standing = store.desired(deployment.model_id)
    assert store.set_desired(DesiredDeployment.of(deployment), expected=standing)
