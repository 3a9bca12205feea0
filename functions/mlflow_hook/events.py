"""MLflow's webhook events: requests to deploy, changes to reconcile, and those to ignore.

Source: MLflow's webhook payloads (`mlflow.webhooks.types`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from jiter import from_json
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, ValidationError

from functions.common.deployments.policy import OPT_OUT_TAG, DeployPolicy, opted_out
from functions.common.deployments.requests import DeployRequest
from functions.common.errors import InvalidJsonError, InvalidRequestError

_OWN_TAG = "hokus.deployment_id"
"""On every version that has ever been deployed, see `functions/provision/registry/tags.py`."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Something about the versions changed; the reconciler must look at the model."""

    model_id: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that starts nothing, and why."""

    reason: str


class _Event(BaseModel):
    entity: str
    action: str
    timestamp: AwareDatetime
    data: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.entity}.{self.action}"


type _Name = Annotated[str, Field(min_length=1, max_length=256)]
type _Version = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")]


class _ModelVersionCreated(BaseModel):
    name: _Name
    version: _Version
    source: str | None = None
    run_id: str | None = None
    tags: dict[str, str | None] | None = None

    @property
    def is_copy(self) -> bool:
        """Return whether it comes from `copy_model_version`: its source is another version."""
        return re.fullmatch(r"models:/[^/]+/[0-9]+", self.source or "") is not None

    @property
    def is_test(self) -> bool:
        """Return whether it is the example that `MlflowClient.test_webhook` sends.

        No real version has this source: MLflow's own ids are longer.
        """
        example = ("example_model", "1", "models:/123", "abcd1234abcd5678")
        return (self.name, self.version, self.source, self.run_id) == example


class _AliasCreated(BaseModel):
    name: _Name
    version: _Version
    alias: str


class _AliasDeleted(BaseModel):
    name: _Name
    alias: str


class _TagChanged(BaseModel):
    name: _Name
    version: _Version
    key: str


def read_event(body: bytes, policy: DeployPolicy) -> DeployRequest | Changed | Ignored:
    """Read *body*, a webhook's raw JSON, under *policy*.

    Raises: InvalidJsonError, InvalidRequestError (not one of MLflow's events).
    """
    event = _read(_Event, _parsed(body))
    match event.name:
        case "model_version.created":
            return _version_created(event, policy)
        case "model_version_alias.created":
            return _alias_created(event, policy)
        case "model_version_alias.deleted":
            deleted = _read(_AliasDeleted, event.data)
            return _if_ours(deleted.alias, policy) or Changed(deleted.name)
        case "model_version_tag.set" | "model_version_tag.deleted":
            return _tag_changed(event.data)
    return Ignored(f"{event.name} is not acted on.")


def _version_created(event: _Event, policy: DeployPolicy) -> DeployRequest | Changed | Ignored:
    created = _read(_ModelVersionCreated, event.data)
    if created.is_test:
        return Ignored("This is MLflow's test event.")
    is_opted_out = opted_out(created.tags or {})
    is_deployed = policy.alias is None and not is_opted_out
    inherits = _OWN_TAG in (created.tags or {}) or (is_opted_out and created.is_copy)
    if not is_deployed and inherits:
        # Its tags say what is true of the version that it was copied from, or was decided for it.
        return Changed(created.name)
    if policy.alias is not None:
        return Ignored(f"Only the version that the alias `{policy.alias}` names is deployed.")
    if is_opted_out:
        return Ignored(f"The version is tagged {OPT_OUT_TAG}=false.")
    return DeployRequest(
        model_id=created.name, model_version=created.version, requested_at=event.timestamp
    )


def _alias_created(event: _Event, policy: DeployPolicy) -> DeployRequest | Ignored:
    created = _read(_AliasCreated, event.data)
    return _if_ours(created.alias, policy) or DeployRequest(
        model_id=created.name,
        model_version=created.version,
        requested_at=event.timestamp,
        registry_version=created.version,
    )


def _if_ours(alias: str, policy: DeployPolicy) -> Ignored | None:
    if alias == policy.alias:
        return None
    return Ignored(f"The alias `{alias[:100]}` does not decide what is deployed.")


def _tag_changed(data: Mapping[str, Any]) -> Changed | Ignored:
    """Our own tags among them: what we write must never come back as an event to act on."""
    changed = _read(_TagChanged, data)
    if changed.key != OPT_OUT_TAG:
        return Ignored(f"The tag {changed.key[:100]} does not decide what is deployed.")
    return Changed(changed.name)


def _parsed(body: bytes) -> Any:
    try:
        return from_json(body)
    except ValueError as error:
        raise InvalidJsonError(f"The body is not JSON: {error}.") from None


def _read[T: BaseModel](model: type[T], document: Any) -> T:
    try:
        return model.model_validate(document)
    except ValidationError as invalid:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}"
            for fault in invalid.errors(include_input=False, include_url=False)
        )
        raise InvalidRequestError(f"Not an event of MLflow: {faults}.") from None
