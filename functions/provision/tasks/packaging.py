"""The task `package`: the files that the endpoint serves, at one revision.

MLflow's files are published with the provider's runtime in a repository of ours. A model that was
logged as a reference is served from its own Hub repository, where nothing is published.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from functions.common.deployments.record import (
    Deployment,
    EndpointRecord,
    PackageRecord,
)
from functions.common.packages.carried_lock import lock_in
from functions.common.packages.model_packages import (
    NO_PACKAGES,
    Lock,
    ModelPackages,
    UnusableRequirementsError,
)
from functions.common.providers.packaging import (
    MODEL_FOLDER,
    HubRefusedError,
    ModelHub,
    Package,
)
from functions.provision.names import endpoint_name
from functions.provision.registry.base import (
    FilesRefusedError,
    ModelRegistry,
    VersionNotFoundError,
)
from functions.provision.tasks.runner import TaskOutcome, failed


class AddRuntime(Protocol):
    """See `Provider.add_runtime`."""

    def __call__(
        self,
        folder: Path,
        packages: ModelPackages,
        *,
        runtime: str,
        python: str,
        lock: Lock | None = None,
    ) -> Package: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaging:
    """Publishes a version's files under the name that its endpoint will have.

    Name and secret of the endpoint go on record with the package, before the provider receives
    them: a secret that only the endpoint knew would make an endpoint useless whose creation was
    answered by nobody.

    Attributes:
        add_runtime: See `Provider.add_runtime`.
        namespace: Owner of the repository.
    """

    registry: ModelRegistry
    hub: ModelHub
    add_runtime: AddRuntime
    namespace: str
    new_secret: Callable[[], str]

    def package(self, deployment: Deployment, *, lock: object = None) -> TaskOutcome:
        """`packaged`, or `failed` when the files or the hub's rules do not allow it.

        *lock* is what `validate` has carried over. It is made anew if the packages are others now.
        """
        endpoint = self._endpoint(deployment)
        notes: tuple[str, ...] = ()
        try:
            if deployment.package.is_hub_source:
                package = self._resolved(deployment.package)
            else:
                repository = f"{self.namespace}/{endpoint.name}"
                package, notes = self._published(deployment, repository, lock)
        except VersionNotFoundError:
            return failed("MLflow does not have this version any more.")
        except FilesRefusedError as refused:
            return failed(str(refused), retryable=refused.may_pass)
        except (HubRefusedError, UnusableRequirementsError) as refused:
            return failed(str(refused))
        changed = replace(deployment, endpoint=endpoint, package=package)
        note = "; ".join(("packaged", *notes)) if notes else None
        return TaskOutcome(name="packaged", note=note, changed=changed)

    def _endpoint(self, deployment: Deployment) -> EndpointRecord:
        ours = not deployment.package.is_hub_source
        return replace(
            deployment.endpoint,
            name=endpoint_name(deployment.model_id, deployment.id),
            secret=(deployment.endpoint.secret or self.new_secret()) if ours else None,
        )

    def _resolved(self, package: PackageRecord) -> PackageRecord:
        """Raises: HubRefusedError."""
        revision = self.hub.resolve(package.repository or "", package.revision)
        return _unanswered(replace(package, revision=revision))

    def _published(
        self, deployment: Deployment, repository: str, lock: object
    ) -> tuple[PackageRecord, tuple[str, ...]]:
        """Publish the version's files; return them for the record, and notes for the timeline.

        Raises: VersionNotFoundError, FilesRefusedError, HubRefusedError,
        UnusableRequirementsError, PackageIndexUnavailableError, ValueError.
        """
        package = deployment.package
        if not (package.runtime and package.python):
            raise ValueError("The deployment was not validated.")
        with TemporaryDirectory() as temporary:
            folder = Path(temporary)
            packages = self.registry.download(
                deployment.model_id, deployment.model_version, to=folder / MODEL_FOLDER
            )
            if packages is None:
                raise UnusableRequirementsError(NO_PACKAGES)
            with ThreadPoolExecutor(max_workers=1) as beside:
                # Large files take longest, and what they need is resolved meanwhile.
                model = folder / MODEL_FOLDER
                uploaded = beside.submit(self.hub.upload, model, repository, at=MODEL_FOLDER)
                target = {"runtime": package.runtime, "python": package.python}
                made = self.add_runtime(
                    folder, packages, **target, lock=lock_in(lock, packages, **target)
                )
                uploaded.result()
            revision = self.hub.publish(folder, repository)
        published = replace(package, repository=repository, revision=revision, digest=made.digest)
        return _unanswered(published), made.notes


def _unanswered(package: PackageRecord) -> PackageRecord:
    """Return *package* without a fingerprint: what a second run locks anew may answer otherwise."""
    return replace(package, answer_fingerprint=None)
