"""MLflow's specifications of columns, tensors and params, read from a signature.

A signature lists them as an MLmodel file writes them, e.g. `{"name": "age", "type": "long"}`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

type Spec = Mapping[str, Any]

ANY_LENGTH = -1
"""Size of a tensor's dimension that varies."""


@dataclass(frozen=True, slots=True)
class ValueType:
    """Type of one JSON value.

    Attributes:
        kind: MLflow's name, e.g. `long`; also one that only later versions of MLflow know.
        required: False when the value may be null or missing.
        items: Type of a list's items.
        properties: Types of an object's properties.
        values: Type of a map's values.
    """

    kind: str
    required: bool = True
    items: "ValueType | None" = None
    properties: Mapping[str, "ValueType"] = field(default_factory=dict)
    values: "ValueType | None" = None

    @classmethod
    def read(cls, spec: Spec) -> Self:
        """Read a type with everything inside it; earlier versions of MLflow wrote `optional`."""
        items, values = spec.get("items"), spec.get("values")
        return cls(
            kind=str(spec.get("type")),
            required=bool(spec.get("required", not spec.get("optional", False))),
            items=cls.read(items) if items else None,
            properties={
                name: cls.read(inner) for name, inner in (spec.get("properties") or {}).items()
            },
            values=cls.read(values) if values else None,
        )


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        name: None when only its place counts; a number for a table that was trained on without
            names, as `pd.DataFrame(array)` is.
    """

    name: str | float | None
    type: ValueType

    @classmethod
    def read(cls, spec: Spec) -> Self:
        name = spec.get("name")
        is_number = isinstance(name, int | float) and not isinstance(name, bool)
        return cls(name if is_number else _name(spec), ValueType.read(spec))

    def as_optional(self) -> Self:
        """Return this column, whose value may be null or missing."""
        return replace(self, type=replace(self.type, required=False))


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor.

    Attributes:
        name: None for the only tensor of a signature without names.
        dtype: numpy's name of the elements' type, e.g. `float32`.
        shape: Sizes of the dimensions, `ANY_LENGTH` for those that vary.
    """

    name: str | None
    dtype: str
    shape: tuple[int, ...]

    @classmethod
    def read(cls, spec: Spec) -> Self:
        inner = spec.get("tensor-spec") or {}
        return cls(_name(spec), str(inner.get("dtype")), tuple(inner.get("shape") or ()))


@dataclass(frozen=True, slots=True)
class Param:
    """A param; *listed* when its value is a list of its type."""

    name: str
    type: ValueType
    listed: bool
    default: Any

    @classmethod
    def read(cls, spec: Spec) -> Self:
        kind = spec.get("type") or spec.get("dtype")
        return cls(
            str(spec["name"]),
            ValueType.read({**spec, "type": kind}),
            spec.get("shape") is not None,
            spec.get("default"),
        )


def read_columns(specs: Sequence[Spec]) -> list[Column]:
    """Read a signature's columns; none for a signature of tensors."""
    return [Column.read(spec) for spec in specs if spec.get("type") != "tensor"]


def read_tensors(specs: Sequence[Spec]) -> list[Tensor]:
    """Read a signature's tensors; none for a signature of columns."""
    return [Tensor.read(spec) for spec in specs if spec.get("type") == "tensor"]


def _name(spec: Spec) -> str | None:
    name = spec.get("name")
    return None if name is None else str(name)
