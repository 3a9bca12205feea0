"""The task `package`: the files that the endpoint serves, at one revision.

MLflow's files are published with the provider's runtime in a repository of ours. A model that was
logged as a reference is served from its own Hub repository, where nothing is published.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from functions.common.deployments.record import Deployment, ModelSource, PackageRecord
from functions.common.deployments.store import DeploymentStore
from functions.common.providers.packaging import (
    MODEL_FOLDER,
    HubRefusedError,
    ModelHub,
    UnusableRequirementError,
)
from functions.provision.names import endpoint_name
from functions.provision.registry.base import HubSource, ModelRegistry
from functions.provision.tasks.runner import Outcome, failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaging:
    """Publishes a version's files under the name that its endpoint will have.

    Attributes:
        add_runtime: Adds the provider's files beside the model in a folder; returns the digest.
        namespace: Owner of the repository.
    """

    store: DeploymentStore
    registry: ModelRegistry
    hub: ModelHub
    add_runtime: Callable[[Path], str]
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
        package = PackageRecord(
            runtime=ModelSource.HUB,
            task=source.task,
            repository=source.name,
            revision=self.hub.resolve(source.name, source.revision),
        )
        self._keep(deployment, package)

    def _publish(self, deployment: Deployment) -> None:
        """Raises: HubRefusedError, UnusableRequirementError."""
        name = endpoint_name(deployment.model_id, deployment.id)
        repository = f"{self.namespace}/{name}"
        with TemporaryDirectory() as temporary:
            folder = Path(temporary)
            self.registry.download(
                deployment.model_id, deployment.model_version, to=folder / MODEL_FOLDER
            )
            digest = self.add_runtime(folder)
            revision = self.hub.publish(folder, repository)
        package = PackageRecord(repository=repository, revision=revision, digest=digest)
        self._keep(deployment, package)

    def _keep(self, deployment: Deployment, package: PackageRecord) -> None:
        name = endpoint_name(deployment.model_id, deployment.id)
        named = replace(deployment.endpoint, name=name)
        self.store.update(deployment, replace(deployment, endpoint=named, package=package))
