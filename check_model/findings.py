"""Finds what `validate` would find in a model's folder, without secrets and without the table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from check_model.fetching import LiveVersion
from functions.common.deployments.items import fits
from functions.common.deployments.policy import OPT_OUT_TAG, opted_out
from functions.common.deployments.record import Deployment, Status
from functions.common.providers import registry as providers
from functions.common.providers.hardware import Hardware
from functions.common.providers.provider import Provider
from functions.provision.compatibility.breaking_changes import (
    compared_with,
    lets_break,
    what_breaks,
)
from functions.provision.compatibility.version_checks import VersionChecks
from functions.provision.registry.artifacts import VersionFiles
from functions.provision.registry.base import FilesRefusedError, RegisteredVersion
from functions.provision.registry.folder import FolderStore
from functions.provision.registry.model_description import ModelDescription
from functions.provision.registry.model_files import with_files
from functions.provision.settings import ModelCostSettings
from functions.provision.tasks.validation import TOO_LARGE
from functions.provision.tasks.version_record import validated

_UNVERIFIED = "It has no input example, so its health alone would be verified."
_NOT_CHECKED = "Not checked here: room for another endpoint, and whether the model starts."


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
    """Reasons against a model, all at once, and notes on what it would be served by."""

    reasons: list[str]
    notes: list[str]


def provider_without_secrets() -> Provider:
    """Return the provider as the settings have it."""
    return providers.provider(secrets=_NoSecrets())


def check_folder(
    folder: Path, *, tags: Mapping[str, str], provider: Provider, live: LiveVersion | None = None
) -> Checked:
    """Check the model whose files are in *folder*, with the *tags* of its version, also against
    the version that is *live*.

    What may pass by itself, e.g. a machine that is sold out today, is a note.

    Raises: PackageIndexUnavailableError.
    """
    try:
        version = with_files(_version(tags), VersionFiles(FolderStore(folder)), place=str(folder))
    except FilesRefusedError as refused:
        return Checked([str(refused)], [])
    record = validated(_pending(), version, provider.runtime())
    checks = VersionChecks(
        provider=provider,
        prices=provider.public_prices(),
        budget=None,
        max_model_hourly_usd=ModelCostSettings.from_env().max_model_hourly_cost_usd,
    )
    found = checks.check(record, version, checks.requested_hardware(version))
    reasons = [each.text for each in found.reasons if not each.retryable]
    if not fits(record):
        reasons.append(TOO_LARGE)
    if opted_out(version.tags):
        reasons.append(f"The version is tagged {OPT_OUT_TAG}=false in MLflow.")
    breaks = _breaks(record, live, provider) if live else None
    if breaks and not lets_break(tags):
        reasons.append(breaks)
    notes = [_instance(found.hardware)]
    notes += [each.text for each in found.reasons if each.retryable]
    notes += [_NOT_CHECKED] if version.input_example else [_UNVERIFIED, _NOT_CHECKED]
    return Checked(reasons, notes)


def _breaks(record: Deployment, live: LiveVersion, provider: Provider) -> str | None:
    """Return what breaks callers of the version that is *live*; None also if nobody can read it."""
    try:
        known = ModelDescription(live.description)
        version = replace(
            _version({}),
            flavors=known.flavors,
            inputs=known.inputs,
            outputs=known.outputs,
            params=known.params,
        )
    except FilesRefusedError:
        return None
    serving = replace(_pending(), model_version=live.version)
    return what_breaks(compared_with(validated(serving, version, provider.runtime()), record))


def _instance(hardware: Hardware) -> str:
    return (
        f"It would run on {hardware.instance_type} {hardware.instance_size} in {hardware.vendor} "
        f"{hardware.region}, by the settings of this shell and the model's tags."
    )


def _version(tags: Mapping[str, str]) -> RegisteredVersion:
    """Return a version that has no files yet."""
    return RegisteredVersion(name="model", version="1", registered_at=datetime.now(UTC), tags=tags)


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
