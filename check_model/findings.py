"""Finds what `validate` would find in a model's folder, without the provider and the table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from functions.common.deployments.items import fits
from functions.common.deployments.policy import OPT_OUT_TAG, opted_out
from functions.common.deployments.record import Deployment, Status
from functions.common.packages.model_packages import UnusableRequirementsError
from functions.common.providers import registry as providers
from functions.common.providers.provider import Provider
from functions.provision.compatibility.checks import CHECKS, check_instance
from functions.provision.compatibility.platform import Platform
from functions.provision.registry.artifacts import VersionFiles
from functions.provision.registry.base import FilesRefusedError, RegisteredVersion
from functions.provision.registry.folder import FolderStore
from functions.provision.registry.model_files import read_model_files
from functions.provision.tasks.validation import TOO_LARGE
from functions.provision.tasks.version_record import validated

_UNVERIFIED = "It has no input example, so its health alone would be verified."
_NOT_ASKED = "Not checked here: room and prices at the provider, and whether the model starts."


class _NoSecrets:
    """No secrets: nothing that is done here asks for one."""

    def current(self, name: str) -> str:
        raise LookupError(name)

    def previous(self, name: str) -> str | None:
        raise LookupError(name)

    def renewed(self, name: str) -> str:
        raise LookupError(name)


@dataclass(frozen=True, slots=True)
class Checked:
    """Reasons against a model, all at once, and notes on one without any."""

    reasons: list[str]
    notes: list[str]


def provider_without_secrets() -> Provider:
    """Return the provider as the settings have it."""
    return providers.provider(secrets=_NoSecrets())


def check_folder(folder: Path, *, tags: Mapping[str, str], provider: Provider) -> Checked:
    """Check the model whose files are in *folder*, with the *tags* of its version.

    Raises: PackageIndexUnavailableError.
    """
    try:
        version = _version(folder, tags)
    except FilesRefusedError as refused:
        return Checked([str(refused)], [])
    record = validated(_pending(), version, provider.runtime())
    platform = Platform(
        hardware=provider.hardware()[0],
        offers=(),
        container_pythons=provider.runtime().pythons,
        package_faults=_package_faults(provider, version, record),
    )
    checks = [check for check in CHECKS if check is not check_instance]
    reasons = [each.text for check in checks for each in check(version, platform)]
    if not fits(record):
        reasons.append(TOO_LARGE)
    if opted_out(version.tags):
        reasons.append(f"The version is tagged {OPT_OUT_TAG}=false in MLflow.")
    notes = [_NOT_ASKED] if version.input_example else [_UNVERIFIED, _NOT_ASKED]
    return Checked(reasons, notes)


def _version(folder: Path, tags: Mapping[str, str]) -> RegisteredVersion:
    """Raises: FilesRefusedError."""
    stored = VersionFiles(FolderStore(folder))
    files = read_model_files(stored, place=str(folder))
    description = files.description
    return RegisteredVersion(
        name="model",
        version="1",
        registered_at=datetime.now(UTC),
        flavors=description.flavors,
        python_version=description.python_version,
        inputs=description.inputs,
        outputs=description.outputs,
        params=description.params,
        from_type_hint=description.is_typed_by_hints,
        input_example=files.input_example,
        model_size_bytes=stored.total_bytes,
        packages=files.packages,
        tags=dict(tags),
    )


def _package_faults(
    provider: Provider, version: RegisteredVersion, record: Deployment
) -> tuple[str, ...]:
    runtime, python = record.package.runtime, record.package.python
    if version.hub_source or version.packages is None or not (runtime and python):
        return ()
    try:
        provider.lock(version.packages, runtime=runtime, python=python)
    except UnusableRequirementsError as refused:
        return refused.reasons
    return ()


def _pending() -> Deployment:
    """Return a record that has nothing yet of a version."""
    now = datetime.now(UTC)
    return Deployment(
        id="check",
        model_id="model",
        model_version="1",
        status=Status.PENDING,
        requested_at=now,
        created_at=now,
        updated_at=now,
    )
