"""The task `package`: the files that the endpoint serves, published at one revision.

The repository holds MLflow's files under `model/`, our `handler.py`, and a `requirements.txt`
for the endpoint's container.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from functions.common.deployments.record import Deployment
from functions.common.deployments.store import DeploymentStore
from functions.provision.endpoint_requirements import (
    UnusableRequirementError,
    endpoint_requirements,
)
from functions.provision.model_hub import HubRefusedError, ModelHub
from functions.provision.names import endpoint_name
from functions.provision.registry import ModelRegistry
from functions.provision.tasks import Outcome, failed

MODEL = "model"
_RUNTIME = Path(__file__).parent / "endpoint_runtime" / "handler.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaging:
    """Publishes a version's files under the name that its endpoint will have, too."""

    store: DeploymentStore
    registry: ModelRegistry
    hub: ModelHub
    namespace: str

    def package(self, deployment: Deployment) -> Outcome:
        """`packaged`, or `failed` when the files or the hub's rules do not allow it."""
        name = endpoint_name(deployment.model_id, deployment.id)
        repository = f"{self.namespace}/{name}"
        try:
            revision = self._publish(deployment, repository)
        except (HubRefusedError, UnusableRequirementError) as refused:
            return failed(str(refused))
        self.store.update(deployment, endpoint_name=name, repository=repository, revision=revision)
        return Outcome(name="packaged")

    def _publish(self, deployment: Deployment, repository: str) -> str:
        with TemporaryDirectory() as temporary:
            folder = Path(temporary)
            self.registry.download(deployment.model_id, deployment.model_version, to=folder / MODEL)
            add_runtime(folder)
            return self.hub.publish(folder, repository)


def add_runtime(folder: Path) -> None:
    """Put our handler and the endpoint's requirements beside the model in *folder*.

    Raises: UnusableRequirementError.
    """
    requirements = folder / MODEL / "requirements.txt"
    if not requirements.is_file():
        raise UnusableRequirementError(
            "The model has no requirements.txt. Log it again with a current version of MLflow."
        )
    description = yaml.safe_load((folder / MODEL / "MLmodel").read_text(encoding="utf-8"))
    made = endpoint_requirements(requirements.read_text(encoding="utf-8"), description["flavors"])
    (folder / "requirements.txt").write_text(made, encoding="utf-8")
    shutil.copyfile(_RUNTIME, folder / "handler.py")
