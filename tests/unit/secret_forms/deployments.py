"""The deployments that the functions are called about."""

from typing import Any

from functions.common.deployments.agreement import AgreementMode
from functions.common.deployments.record import HUB_RUNTIME, Deployment, Status
from infra.workflow_tasks import TASKS
from tests.builders import a_deployment


def deployments(url: str, secret: str) -> dict[str, Deployment]:
    """Return a deployment for each task of the workflow, and one for calls that are compared; its
    model has the task's name.

    *secret* is its endpoint's.
    """
    up = {
        "endpoint_name": "hokus-x-0123abcd",
        "endpoint_url": f"{url}/endpoint",
        "endpoint_secret": secret,
        "repository": "hokus/hokus-x-0123abcd",
        "revision": "a" * 40,
        "package": "p",
        "runtime": "container",
        "python": "3.12",
        "instance_type": "intel-spr",
        "instance_size": "x1",
        "min_replicas": 1,
        "max_replicas": 1,
        "input_example": {"inputs": [[1.0]]},
    }
    compared = {"model_version": "2", "agreement_mode": AgreementMode.HOLD, "agreement_until": 0}
    own: dict[str, dict[str, Any]] = {
        "agree": up | compared | {"agreement_live_id": a_deployment(model_id="agree").id},
        "bake": up | {"model_version": "2"},
        "mirror": up | compared | {"agreement_live_id": "d-1"},
        "package": {"runtime": HUB_RUNTIME, "repository": "someone/model"},
        "retire": up | {"status": Status.STOPPED},
    }
    tasks = tuple(spec.handler.rpartition(".")[2] for spec in TASKS.values())
    return {name: a_deployment(model_id=name, **own.get(name, up)) for name in (*tasks, "mirror")}
