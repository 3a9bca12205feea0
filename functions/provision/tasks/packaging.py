"""The task `package`: the files that the endpoint serves, at one revision.

A repository of ours holds MLflow's files under `model/`, our `handler.py`, a `requirements.txt`
for the endpoint's container, and `hokus.json` with the digest of all of these. A model that was
logged as a reference is served from its own Hub repository, where nothing is published.
"""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml

from functions.common.deployments.record import Deployment, ModelSource
from functions.common.deployments.store import DeploymentStore
from functions.provision.compatibility.requirements import (
    UnusableRequirementError,
    endpoint_requirements,
)
from functions.provision.model_hub import HubRefusedError, ModelHub
from functions.provision.names import endpoint_name
from functions.provision.registry.base import HubSource, ModelRegistry
from functions.provision.tasks.runner import Outcome, failed

MODEL = "model"
MARKER = "hokus.json"
"""`{"package": <digest>}`, as the handler reads it."""
_RUNTIME = Path(__file__).parents[1] / "endpoint_runtime" / "handler.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaging:
    """Publishes a version's files under the name that its endpoint will have, too."""

    store: DeploymentStore
    registry: ModelRegistry
    hub: ModelHub
    namespace: str

    def package(self, deployment: Deployment) -> Outcome:
        """`packaged`, or `failed` when the files or the hub's rules do not allow it.

        Raises: VersionNotReadyError.
        """
        version = self.registry.version(deployment.model_id, deployment.model_version)
        if version is None:
            return failed("MLflow does not have this version any more.")
        try:
            if version.hub_source:
                self._refer(deployment, version.hub_source)
            else:
                self._publish(deployment)
        except (HubRefusedError, UnusableRequirementError) as refused:
            return failed(str(refused))
        return Outcome(name="packaged")

    def _refer(self, deployment: Deployment, source: HubSource) -> None:
        """Raises: HubRefusedError."""
        self.store.update(
            deployment,
            endpoint_name=endpoint_name(deployment.model_id, deployment.id),
            runtime=ModelSource.HUB,
            task=source.task,
            repository=source.name,
            revision=self.hub.resolve(source.name, source.revision),
            package_digest=None,
        )

    def _publish(self, deployment: Deployment) -> None:
        """Raises: HubRefusedError, UnusableRequirementError."""
        name = endpoint_name(deployment.model_id, deployment.id)
        repository = f"{self.namespace}/{name}"
        with TemporaryDirectory() as temporary:
            folder = Path(temporary)
            self.registry.download(deployment.model_id, deployment.model_version, to=folder / MODEL)
            digest = add_runtime(folder)
            revision = self.hub.publish(folder, repository)
        self.store.update(
            deployment,
            endpoint_name=name,
            runtime=ModelSource.PACKAGED,
            task=None,
            repository=repository,
            revision=revision,
            package_digest=digest,
        )


def add_runtime(folder: Path) -> str:
    """Put our handler, the endpoint's requirements and the marker beside the model in *folder*;
    return the digest that the marker holds.

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
    digest = package_digest(folder)
    (folder / MARKER).write_text(json.dumps({"package": digest}), encoding="utf-8")
    return digest


def package_digest(folder: Path) -> str:
    """SHA-256, in hexadecimal digits, of every file's path and content in *folder*, but for the
    marker."""
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    whole = hashlib.sha256()
    for name, path in sorted(paths.items()):
        if path.is_file() and name != MARKER:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            whole.update(f"{content} {name}\n".encode())
    return whole.hexdigest()
