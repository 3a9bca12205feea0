"""The public description of one model; it holds nothing of the provider's."""

from collections.abc import Sequence
from typing import Any

from functions.common.deployments.record import Deployment, Status
from functions.common.errors import ModelNotFoundError
from functions.describe.circuits import CircuitStates


def serving(deployments: Sequence[Deployment]) -> Deployment | None:
    """The one that answers predictions; None when none does."""
    return next((each for each in deployments if each.status is Status.DEPLOYED), None)


def shown(deployments: Sequence[Deployment]) -> Deployment:
    """The one whose version, schemas and example stand for the model: what serves, or before
    anything does, the newest request.

    Raises: ModelNotFoundError (there are no deployments).
    """
    if not deployments:
        raise ModelNotFoundError("No model of this name has been registered for deployment.")
    return serving(deployments) or deployments[0]


def model_info(
    model_id: str, deployments: Sequence[Deployment], circuits: CircuitStates
) -> dict[str, Any]:
    """A model with all its *deployments*, the newest request first.

    `status` is `deployed` as long as any deployment serves; `circuit` is that one's, None when
    none serves.

    Raises: ModelNotFoundError (there are no deployments).
    """
    of = shown(deployments)
    live = serving(deployments)
    return {
        "model_id": model_id,
        "model_version": of.model_version,
        "status": of.status,
        "circuit": circuits.of(live.id) if live else None,
        "input_schema": of.input_schema,
        "output_schema": of.output_schema,
        "params_schema": of.params_schema,
        "input_example": of.input_example,
        "deployments": [_deployment(each) for each in deployments],
    }


def _deployment(deployment: Deployment) -> dict[str, Any]:
    return deployment.model_dump(
        mode="json",
        include={
            "id",
            "model_version",
            "status",
            "origin",
            "requested_at",
            "updated_at",
            "reason",
            "retryable",
            "timeline",
        },
    )
