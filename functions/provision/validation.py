"""The task `validate`: can this version be served?"""

import json
from dataclasses import dataclass
from typing import Any

from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import DeploymentStore
from functions.provision.compatibility import reasons_against
from functions.provision.registry import ModelRegistry
from functions.provision.tasks import Outcome, failed

MAX_EXAMPLE_BYTES = 200_000
"""The record is one DynamoDB item of at most 400 KB, which also has schemas and a timeline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """Reads the version from the registry and keeps what the later tasks and callers need."""

    store: DeploymentStore
    registry: ModelRegistry

    def validate(self, deployment: Deployment) -> Outcome:
        """`valid`, `failed` with every reason, or `ignored` when MLflow knows no such version."""
        version = self.registry.version(deployment.model_id, deployment.model_version)
        if version is None:
            return Outcome(name="ignored", reason="MLflow does not know this version.")
        if reasons := reasons_against(version):
            return failed(" ".join(reasons))
        self.store.update(
            deployment,
            status=Status.DEPLOYING,
            input_schema=version.inputs,
            output_schema=version.outputs,
            params_schema=version.params,
            input_example=_fitting(version.input_example),
        )
        return Outcome(name="valid")


def _fitting(example: dict[str, Any] | None) -> dict[str, Any] | None:
    """The example, unless it is too large for the record."""
    size_bytes = len(json.dumps(example, ensure_ascii=False).encode())
    return example if size_bytes <= MAX_EXAMPLE_BYTES else None
