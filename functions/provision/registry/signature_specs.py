"""Specifications of columns, tensors and params in a signature, held to MLflow's own rules.

What breaks one of them cannot be loaded or called by MLflow itself, so no endpoint could serve it.
Source: `Schema`, `ColSpec`, `TensorSpec`, `ParamSpec` in mlflow/types/schema.py (MLflow 3.17).
"""

import math
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    TypeAdapter,
)

from functions.provision.registry.base import FilesRefusedError
from functions.provision.registry.documents import json_document, validated

MAX_COLUMNS = 20_000
MAX_DIMENSIONS = 64
"""As many as numpy has."""
MAX_ELEMENTS = 2_000_000
"""Of a tensor of a fixed shape: JSON has two characters for each, and a request has 4 MB."""
MAX_NAME_CHARACTERS = 1_000
_MAX_TYPE_CHARACTERS = 100

type Spec = dict[str, Any]
type _Type = Annotated[StrictStr, StringConstraints(max_length=_MAX_TYPE_CHARACTERS)]
type _Text = Annotated[StrictStr, StringConstraints(min_length=1, max_length=MAX_NAME_CHARACTERS)]
type _Number = StrictInt | Annotated[StrictFloat, Field(allow_inf_nan=False)]
type _Size = Annotated[StrictInt, Field(ge=-1, le=2**40)]
type _Required = StrictBool | None


class _ValueType(BaseModel):
    """Type of a value within a column; later versions of MLflow may know other names."""

    type: _Type
    required: _Required = None
    optional: _Required = None
    items: "_ValueType | None" = None
    values: "_ValueType | None" = None
    properties: dict[_Text, "_ValueType"] | None = None


class _Column(_ValueType):
    name: _Text | _Number | None = None


class _Shape(BaseModel):
    dtype: _Type
    shape: Annotated[list[_Size], Field(max_length=MAX_DIMENSIONS)]


class _Tensor(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    type: Literal["tensor"]
    name: _Text | None = None
    spec: _Shape = Field(alias="tensor-spec")


class _Param(BaseModel):
    name: _Text
    type: _Type | None = None
    dtype: _Type | None = None
    shape: list[_Size] | None = None
    properties: dict[_Text, _ValueType] | None = None
    items: _ValueType | None = None


_COLUMNS = TypeAdapter(Annotated[list[_Column], Field(min_length=1, max_length=MAX_COLUMNS)])
_TENSORS = TypeAdapter(Annotated[list[_Tensor], Field(min_length=1, max_length=MAX_COLUMNS)])
_PARAMS = TypeAdapter(Annotated[list[_Param], Field(max_length=MAX_COLUMNS)])


def specs_in(text: str | None, part: Literal["inputs", "outputs", "params"]) -> list[Spec] | None:
    """Return the specifications in *text*, the JSON of a signature's *part*; None without it.

    Raises: FilesRefusedError.
    """
    if not text:
        return None
    what = f"The signature's {part} in the model's MLmodel"
    specs = json_document(text, what)
    if part == "params":
        validated(_PARAMS, specs, what)
    elif _are_tensors(specs):
        _check_tensors(validated(_TENSORS, specs, what), what)
    else:
        _check_kinds_of_names(specs, what)
        columns = validated(_COLUMNS, specs, what)
        _check_names([each.name for each in columns], what)
    return list(specs)


def _are_tensors(specs: Any) -> bool:
    first = specs[0] if isinstance(specs, list) and specs else None
    return isinstance(first, dict) and first.get("type") == "tensor"


def _check_tensors(tensors: list[_Tensor], what: str) -> None:
    """Raises: FilesRefusedError."""
    if len(tensors) > 1:
        _check_names([each.name or "" for each in tensors], what)
    for each in tensors:
        elements = math.prod(max(size, 1) for size in each.spec.shape)
        if elements > MAX_ELEMENTS:
            raise FilesRefusedError(
                f"{what} has a tensor of at least {elements:,} elements, and a call can hold "
                f"{MAX_ELEMENTS:,}. Log the model with a signature of less."
            )


def _check_kinds_of_names(specs: Any, what: str) -> None:
    """Check that no name is a list, as which MLflow writes the tuples of a `MultiIndex`.

    Raises: FilesRefusedError.
    """
    columns = filter(lambda each: isinstance(each, dict), specs if isinstance(specs, list) else ())
    if any(isinstance(each.get("name"), list | dict | bool) for each in columns):
        raise FilesRefusedError(
            f"{what} has columns whose names are neither text nor numbers, such as those of a "
            "table with several levels of columns: MLflow itself finds no column by such a name. "
            'Rename the columns, e.g. df.columns = df.columns.map("{0[0]} {0[1]}".format), and log '
            "the model again."
        )


def _check_names(names: Sequence[str | float | None], what: str) -> None:
    """Check names as MLflow takes them: it reads 0 and an empty name as the column's place.

    Raises: FilesRefusedError.
    """
    if all(name is None for name in names):
        return
    misread = any(not name for name in names[1:]) or names[0] in {"", None}
    if misread or len(set(names)) < len(names):
        raise FilesRefusedError(
            f"{what} has columns that MLflow cannot distinguish by name: two of one name, some "
            "without, or 0 elsewhere than in the first place. Rename the columns, e.g. "
            "df.columns = df.columns.astype(str), and log the model again."
        )
