"""Answers of MLflow's client: errors by what to do about them, and versions as they are listed."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from mlflow.entities.model_registry import ModelVersion, RegisteredModel
from mlflow.exceptions import MlflowException, RestException

from functions.common.observability import make_logger
from functions.common.packages.requirement_lines import shown
from functions.common.secrets import blotted
from functions.provision.registry.base import (
    FilesRefusedError,
    ListedVersion,
    RegistryUnavailableError,
)
from functions.provision.registry.credentials import credentials_in_use

_OF_VERSION = re.compile(r"models:/[^/]+/[0-9]+")
_UNKNOWN = "RESOURCE_DOES_NOT_EXIST"
_READY = "READY"
_FINAL = {"INVALID_PARAMETER_VALUE", "BAD_REQUEST", "INVALID_STATE", "NOT_IMPLEMENTED"}
_DENIED = {"PERMISSION_DENIED", "UNAUTHENTICATED", "CUSTOMER_UNAUTHORIZED"}

logger = make_logger("provision")


@contextmanager
def registry_errors(*, of_version: bool = False) -> Iterator[None]:
    """Translate errors of MLflow, but for MlflowException that something does not exist.

    Only MLflow's own answers are quoted: its client's messages can hold addresses and headers.

    Arguments:
        of_version: A version was asked for: an answer that stays the same speaks against it.

    Raises: FilesRefusedError (only with *of_version*), RegistryUnavailableError.
    """
    try:
        yield
    except MlflowException as error:
        if error.error_code == _UNKNOWN:
            raise
        words = words_of(error)
        if of_version and error.error_code in _FINAL:
            raise FilesRefusedError(f"{words} Register the version again.") from None
        if of_version and error.error_code in _DENIED:
            raise FilesRefusedError(
                f"{words} Let the account of this service's credentials read the registry.",
                may_pass=True,
            ) from None
        raise RegistryUnavailableError(words) from None


def listed_versions(found: Sequence[ModelVersion]) -> tuple[ListedVersion, ...]:
    """Return *found* without those whose time is none: nothing could be compared with them."""
    return tuple(filter(None, map(_listed, found)))


def updated_at(found: RegisteredModel) -> datetime | None:
    """Return when the model *found* was last changed; None when MLflow has no possible time."""
    try:
        return datetime.fromtimestamp(found.last_updated_timestamp / 1000, UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def registered_at(found: ModelVersion) -> datetime:
    """Return when *found* was registered, in MLflow milliseconds since 1970.

    Raises: FilesRefusedError.
    """
    try:
        return datetime.fromtimestamp(found.creation_timestamp / 1000, UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        raise FilesRefusedError(
            "MLflow has no possible time for the version's registration. Register it again."
        ) from None


def copied_from(found: ModelVersion) -> str | None:
    """Return the version that *found* was copied from by `copy_model_version`; None: from none."""
    return found.source if _OF_VERSION.fullmatch(str(found.source)) else None


def _listed(found: ModelVersion) -> ListedVersion | None:
    try:
        return ListedVersion(
            version=str(found.version),
            registered_at=registered_at(found),
            tags=dict(found.tags),
            ready=found.status == _READY,
            copied_from=copied_from(found),
        )
    except FilesRefusedError as refused:
        logger.warning(
            "registry.version_skipped",
            model_id=found.name,
            model_version=str(found.version),
            reason=str(refused),
        )
        return None


def words_of(error: MlflowException) -> str:
    """Return MLflow's own answer without our credentials, or else the kind of error alone."""
    if isinstance(error, RestException) or error.error_code in _FINAL:
        said = blotted(str(error.message), *credentials_in_use())
        return f"MLflow says: {shown(said, 500).rstrip('.')}."
    return f"MLflow does not answer as it should ({error.error_code})."
