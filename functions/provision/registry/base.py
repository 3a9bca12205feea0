"""Port: the model registry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from functions.common.packages.model_packages import ModelPackages

type Schema = list[dict[str, Any]]
"""Column or tensor specifications, as in an MLmodel's signature."""


class VersionNotReadyError(Exception):
    """The registry is still taking the version in: try again."""


class VersionNotFoundError(Exception):
    """The registry does not have this version (any more)."""


class FilesRefusedError(Exception):
    """The version cannot be taken as it was registered; the message says why and what to do.

    Attributes:
        may_pass: Somebody can put it right without another registration, e.g. by a permission.
    """

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


class RegistryUnavailableError(Exception):
    """The registry or its files cannot be read now: try again. The message holds no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSource:
    """The Hub repository that a model logged as a reference stands for; its weights are there.

    Attributes:
        name: `owner/name`, or a bare name for some of the oldest models.
        revision: Commit SHA; None when unknown.
        task: The pipeline's task in transformers' words, e.g. `translation_en_to_fr`.
    """

    name: str
    revision: str | None
    task: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredVersion:
    """One version of a model as the registry describes it.

    Attributes:
        flavors: By flavor's name, its settings; `python_function` is what we serve.
        python_version: Of the environment that saved it, e.g. `3.11.7`; None when unknown.
        inputs, outputs, params: The signature's parts; None where it has none.
        from_type_hint: The signature was made of the type hint of the model's own function, which
            parses its input itself.
        input_example: A ready body for predict, e.g. `{"inputs": …}`; None without an example.
        model_size_bytes: All files of the version, as they are; None when unknown.
        packages: What it asks to be installed; None when no file of it says so.
        tags, model_tags: The version's own, and those of its registered model.
        status: The registry's own word, `READY` for a version that is complete.
        registered_at: When the registry took it in.
        aliases: The aliases that name it.
        copied_from: The version that it is a copy of, e.g. `models:/iris/1`; a copy has that
            one's tags. None: it is no copy.
    """

    name: str
    version: str
    registered_at: datetime
    flavors: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    python_version: str | None = None
    inputs: Schema | None = None
    outputs: Schema | None = None
    params: Schema | None = None
    from_type_hint: bool = False
    input_example: dict[str, Any] | None = None
    model_size_bytes: int | None = None
    packages: ModelPackages | None = None
    tags: Mapping[str, str]
    model_tags: Mapping[str, str] = field(default_factory=dict)
    status: str = "READY"
    aliases: tuple[str, ...] = ()
    copied_from: str | None = None

    @property
    def all_tags(self) -> Mapping[str, str]:
        """Tags of the version and its registered model; of the same name, the version's count."""
        return {**self.model_tags, **self.tags}

    @property
    def hub_source(self) -> HubSource | None:
        """The Hub repository to serve instead of this version's files; None: it has files.

        mlflow's transformers flavor notes `source_model_name` for every model, and the revision
        only for one whose weights it did not save. An adapter (PEFT) has files of its own beside
        a base of which that is true as well, and a base on the training machine has no revision.
        """
        flavor = self.flavors.get("transformers", {})
        name = flavor.get("source_model_name")
        own_files = {"model_binary", "peft_adaptor", "local_base_model_path"} & flavor.keys()
        if not name or own_files or "source_model_revision" not in flavor:
            return None
        revision, task = flavor["source_model_revision"], flavor.get("task")
        return HubSource(name=name, revision=revision or None, task=task or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVersion:
    """One version in a listing.

    Attributes:
        registered_at: When the registry took it in; a number that is used again after a deletion
            has another time.
        ready: Whether the registry has all of it.
        copied_from: See `RegisteredVersion`.
    """

    version: str
    registered_at: datetime
    tags: Mapping[str, str]
    ready: bool = True
    copied_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredModel:
    """A registered model with all its versions.

    Attributes:
        aliases: By alias, the version that it names.
        updated_at: When the model was last renamed, described or got a version; None: unknown.
    """

    name: str
    versions: tuple[ListedVersion, ...]
    aliases: Mapping[str, str]
    updated_at: datetime | None = None

    def version(self, version: str) -> ListedVersion | None:
        """The version of this number; None when there is none (any more)."""
        return next((each for each in self.versions if each.version == version), None)


class ModelRegistry(Protocol):
    """Versions of registered models. Names may hold spaces and letters of any script."""

    def version(self, name: str, version: str) -> RegisteredVersion | None:
        """The version; None when the registry does not know it.

        Raises: VersionNotReadyError, FilesRefusedError, RegistryUnavailableError.
        """
        ...

    def model(self, name: str) -> RegisteredModel | None:
        """The model as it is now; None when the registry does not know it."""
        ...

    def models(self) -> list[RegisteredModel]:
        """Every model."""
        ...

    def set_tags(self, name: str, version: str, tags: Mapping[str, str | None]) -> None:
        """Set *tags* on the version and remove those that are None.

        Give only what differs: each tag is a request, and MLflow's webhooks report it. A version
        or a tag that is not there is fine.
        """
        ...

    def download(self, name: str, version: str, *, to: Path) -> ModelPackages | None:
        """Put the version's files, `MLmodel` among them, into the new folder *to*.

        Return what they ask to be installed; None when none of them says so.

        Raises: VersionNotFoundError, FilesRefusedError, RegistryUnavailableError.
        """
        ...
