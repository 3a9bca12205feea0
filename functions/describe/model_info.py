"""The answer to `GET /models/{model_id}`. It shows nothing of the provider's."""

from dataclasses import asdict
from typing import Any

from functions.common.deployments.history import DeploymentPage
from functions.common.deployments.record import Deployment, Status, utc_text
from functions.describe.circuits import Circuits
from functions.describe.paging import cursor_after

SHOWN_FIELDS = (
    "id",
    "model_version",
    "status",
    "requested_at",
    "origin",
    "updated_at",
    "reason",
    "retryable",
    "timeline",
)
"""What is shown of a deployment, on a page and alone."""


def model_info(
    model: Deployment, page: DeploymentPage, circuits: Circuits, cost: dict[str, Any] | None
) -> dict[str, Any]:
    """Return the model for which the deployment *model* stands, with a *page* of its deployments.

    `status` is `deployed` as long as any deployment serves; `circuit` is the circuit breaker of
    the serving deployment, None when none serves. *cost* is as `Costs.get` returns it.
    """
    answer = {
        "model_id": model.model_id,
        "model_version": model.model_version,
        "status": model.status,
        "circuit": circuits.get(model.id) if model.status is Status.DEPLOYED else None,
        "cost": cost,
        "input_schema": model.contract.inputs,
        "output_schema": model.contract.outputs,
        "params_schema": model.contract.params,
        "input_example": model.contract.input_example,
        "deterministic": model.package.is_deterministic,
        "deployments": [shown(each) for each in page.deployments],
    }
    if page.next_after is not None:
        answer["next_cursor"] = cursor_after(page.next_after)
    return answer


def shown(deployment: Deployment) -> dict[str, Any]:
    """Return what is shown of *deployment*."""
    return {name: getattr(deployment, name) for name in SHOWN_FIELDS} | {
        "requested_at": utc_text(deployment.requested_at),
        "updated_at": utc_text(deployment.updated_at),
        "timeline": [
            {"step": entry.step, "time": utc_text(entry.time), "outcome": entry.outcome}
            for entry in deployment.timeline
        ],
        **_compared(deployment),
    }


def _compared(deployment: Deployment) -> dict[str, Any]:
    compared = deployment.compared
    return {
        "changed_from": compared.version if compared else None,
        "changes": [asdict(each) for each in compared.changes] if compared else None,
    }
