"""Deleting what a deployment has at the provider, and nothing else."""

from functions.common.deployments.record import Deployment
from functions.common.providers.base import EndpointControl
from functions.provision.names import deployment_tag, endpoint_name


def remove(deployment: Deployment, *, control: EndpointControl, namespace: str) -> bool:
    """Delete *deployment*'s endpoint, then its repository; False while the endpoint is going.

    Works from the derived name: the record may not have it yet when the step that made the
    endpoint was lost. An endpoint without the deployment's tag is not ours and stays, and so does
    the repository that it serves.
    """
    name = endpoint_name(deployment.model_id, deployment.id)
    endpoint = control.describe(name)
    if endpoint is not None:
        if deployment_tag(deployment.id) not in endpoint.tags:
            return True
        control.delete(name)
        if control.describe(name) is not None:
            return False
    control.delete_repository(f"{namespace}/{name}")
    return True
