"""The file MLmodel, as far as a deployment depends on it.

Source: `Model.to_dict` in mlflow/models/model.py of MLflow 1.30 to 3.17. Values are text, see
`documents`.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from packaging.version import InvalidVersion, Version
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from functions.provision.registry.documents import validated, yaml_document
from functions.provision.registry.signature_specs import Spec, specs_in

DESCRIPTION = "MLmodel"
_MAX_FLAVORS = 50


def _version(text: str) -> str:
    try:
        Version(text)
    except InvalidVersion:
        raise ValueError("not a version") from None
    return text


type _Word = Annotated[str, StringConstraints(max_length=500)]
type _Version = Annotated[str, StringConstraints(max_length=100), AfterValidator(_version)]


class Flavor(BaseModel):
    """Settings of a flavor; those that are named here are read, of others only that they exist."""

    model_config = ConfigDict(extra="allow")

    loader_module: _Word | None = None
    python_version: _Word | None = None
    python_model: _Word | None = None
    model_code_path: _Word | None = None
    serialization_format: _Word | None = None
    source_model_name: _Word | None = None
    source_model_revision: _Word | None = None
    task: _Word | None = None


class _Signature(BaseModel):
    inputs: str | None = None
    outputs: str | None = None
    params: str | None = None


class ExampleInfo(BaseModel):
    """Where the input example is, and of which form."""

    artifact_path: _Word | None = None
    serving_input_path: _Word | None = None
    type: _Word | None = None
    params: _Word | None = None


class _Document(BaseModel):
    flavors: Annotated[dict[_Word, Flavor], Field(max_length=_MAX_FLAVORS)]
    signature: _Signature | None = None
    saved_input_example_info: ExampleInfo | None = None
    mlflow_version: _Version | None = None
    utc_time_created: _Word | None = None
    is_signature_from_type_hint: bool | None = None


_DOCUMENT = TypeAdapter(_Document)


class ModelDescription:
    """Content of MLmodel.

    Attributes:
        inputs, outputs, params: Specifications of the signature; None where it has none.
    """

    def __init__(self, text: str) -> None:
        """Raises: FilesRefusedError."""
        document = validated(_DOCUMENT, yaml_document(text, DESCRIPTION), "The model's MLmodel")
        signature = document.signature or _Signature()
        self._document = document
        self.inputs: list[Spec] | None = specs_in(signature.inputs, "inputs")
        self.outputs: list[Spec] | None = specs_in(signature.outputs, "outputs")
        self.params: list[Spec] | None = specs_in(signature.params, "params")

    @property
    def flavors(self) -> dict[str, dict[str, Any]]:
        """Settings by the flavor's name, as far as they are given."""
        flavors = self._document.flavors
        return {name: each.model_dump(exclude_unset=True) for name, each in flavors.items()}

    @property
    def python_version(self) -> str | None:
        """Version of the Python that saved it; None when unknown."""
        flavor = self._document.flavors.get("python_function")
        return flavor.python_version if flavor else None

    @property
    def is_typed_by_hints(self) -> bool:
        """Return whether the signature was made of the type hint of the model's function."""
        return bool(self._document.is_signature_from_type_hint)

    @property
    def example(self) -> ExampleInfo | None:
        """The input example; None without one."""
        return self._document.saved_input_example_info

    @property
    def mlflow_version(self) -> str | None:
        """Version of the MLflow that logged it; None when unknown."""
        return self._document.mlflow_version

    @property
    def logged_at(self) -> datetime | None:
        """`utc_time_created`, e.g. `2026-11-30 08:00:00.123456`, in whole seconds."""
        try:
            moment = datetime.fromisoformat(str(self._document.utc_time_created))
        except ValueError:
            return None
        return moment.replace(microsecond=0, tzinfo=UTC)
