"""Endpoints as the provider describes them, made from deployment records."""

from dataclasses import replace
from typing import Any

from functions.common.deployments.record import Deployment
from functions.common.providers.base import Endpoint, EndpointState
from functions.provision.names import endpoint_name, tags
from tests.builders import HARDWARE, changed
from tests.fakes.endpoint_control import FakeEndpointControl

INSTALLATION = "123456789012-us-east-1"
REVISION = "a" * 40
URL = "https://x.us-east-1.aws.endpoints.huggingface.cloud"


def name_of(deployment: Deployment) -> str:
    """Return the name of the deployment's endpoint and repository."""
    return endpoint_name(deployment.model_id, deployment.id)


def endpoint_of(deployment: Deployment, **changes: Any) -> Endpoint:
    """Return the deployment's endpoint, running, with *changes*."""
    name = name_of(deployment)
    running = Endpoint(
        name=name,
        state=EndpointState.RUNNING,
        url=URL,
        message="Endpoint is ready",
        repository=f"acme/{name}",
        revision=REVISION,
        tags=tags(deployment.id, installation=INSTALLATION),
        hardware=HARDWARE,
    )
    return replace(running, **changes)


def with_endpoint(deployment: Deployment, **changes: Any) -> Deployment:
    """Return *deployment* with the attributes that the workflow stores of its endpoint."""
    name = name_of(deployment)
    noted = {
        "endpoint_name": name,
        "endpoint_url": URL,
        "endpoint_secret": f"secret-of-{deployment.model_version}",
        "repository": f"acme/{name}",
        "revision": REVISION,
        "instance_type": HARDWARE.instance_type,
        "instance_size": HARDWARE.instance_size,
        "min_replicas": HARDWARE.min_replicas,
        "max_replicas": HARDWARE.max_replicas,
        "hourly_cost_usd": 0.067,
    }
    return changed(deployment, **{**noted, **changes})


def control_with(*endpoints: Endpoint, slow_deletes: int = 0) -> FakeEndpointControl:
    """Return an endpoint control with these endpoints and their repositories."""
    control = FakeEndpointControl(*endpoints, slow_deletes=slow_deletes)
    control.repositories |= {endpoint.repository for endpoint in endpoints}
    return control
