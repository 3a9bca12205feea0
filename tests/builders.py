"""Records as tests need them: the ordinary case, changed in what the test is about."""

from datetime import UTC, datetime
from typing import Any

from functions.common.deployments.record import Deployment, Status, deployment_id

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def a_deployment(
    *,
    model_id: str = "iris",
    model_version: str = "1",
    requested_at: datetime = NOON,
    status: Status = Status.DEPLOYING,
    **changes: Any,
) -> Deployment:
    """A deployment of `iris` version 1, asked for at noon."""
    return Deployment(
        id=deployment_id(model_id, model_version, requested_at),
        model_id=model_id,
        model_version=model_version,
        status=status,
        requested_at=requested_at,
        created_at=requested_at,
        updated_at=requested_at,
        **changes,
    )


def a_live_deployment(**changes: Any) -> Deployment:
    """One that serves."""
    return a_deployment(
        **{
            "status": Status.DEPLOYED,
            "endpoint_name": "hokus-iris-0123abcd",
            "endpoint_url": "https://abcdefghijklmnop.us-east-1.aws.endpoints.huggingface.cloud",
            "endpoint_secret": "the-deployment-secret",
            **changes,
        }
    )
