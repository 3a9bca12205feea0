"""The answer to `GET /models/{model_id}`. It shows nothing of the provider's."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from functions.common.deployments.record import Deployment, Status
from functions.common.errors import ModelNotFoundError
from functions.describe.circuits import Circuits

_RECORD = TypeAdapter(Deployment)
_SHOWN_FIELDS = {
    "id",
    "model_version",
    "status",
    "origin",
    "requested_at",
    "updated_at",
    "reason",
    "retryable",
    "timeline",
}


def serving(deployments: Sequence[Deployment]) -> Deployment | None:
    """Return the deployment that answers predictions; None when none does."""
    return next((each for each in deployments if each.status is Status.DEPLOYED), None)


def shown(deployments: Sequence[Deployment]) -> Deployment:
    """Return the deployment that represents the model: the serving one, or else the newest.

    Its version, schemas and example are the model's.

    Raises: ModelNotFoundError (there are no deployments).
    """
    if not deployments:
        raise ModelNotFoundError("No model of this name has been registered for deployment.")
    return serving(deployments) or deployments[0]


def model_info(
    model_id: str, deployments: Sequence[Deployment], circuits: Circuits
) -> dict[str, Any]:
    """Return a model with all its *deployments*, the newest request first.

    `status` is `deployed` as long as any deployment serves; `circuit` is the circuit breaker of
    the serving deployment, None when none serves.

    Raises: ModelNotFoundError (there are no deployments).
    """
    representative = shown(deployments)
    live = serving(deployments)
    return {
        "model_id": model_id,
        "model_version": representative.model_version,
        "status": representative.status,
        "circuit": circuits.get(live.id) if live else None,
        "input_schema": representative.contract.inputs,
        "output_schema": representative.contract.outputs,
        "params_schema": representative.contract.params,
        "input_example": representative.contract.input_example,
        "deployments": [_deployment(each) for each in deployments],
    }


def _deployment(deployment: Deployment) -> dict[str, Any]:
    shown_fields: dict[str, Any] = _RECORD.dump_python(
        deployment, mode="json", include=_SHOWN_FIELDS
    )
    return shown_fields
