"""The schema of a whole body for predict."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.common.signatures.columns import NamedColumns, UnnamedColumns
from functions.common.signatures.definitions import Definitions
from functions.common.signatures.body import INPUT_FORMATS, PARAMETER_NAMES
from functions.common.signatures.params import params
from functions.common.signatures.scalars import JsonSchema, Spec
from functions.common.signatures.tables import split
from functions.common.signatures.tensors import Tensors

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def request_schema(
    input_schema: Sequence[Spec] | None,
    params_schema: Sequence[Spec] | None,
    *,
    from_type_hint: bool = False,
    documented: bool = False,
) -> dict[str, Any] | None:
    """JSON Schema 2020-12 of a whole body; None without a signature.

    It takes what MLflow takes, conversions among it; with *documented*, only what callers should
    send. A signature *from_type_hint* says nothing about the input: the model parses it itself.
    """
    if input_schema is None and params_schema is None:
        return None
    definitions = Definitions(documented=documented)
    forms = _UNTYPED
    if input_schema and not from_type_hint:
        forms = _forms(input_schema, definitions)
    given = definitions.ref("params", params(params_schema, documented=documented))
    return {
        "$schema": DIALECT,
        "type": "object",
        "properties": {
            **{name: forms[name] for name in INPUT_FORMATS},
            **dict.fromkeys(PARAMETER_NAMES, given),
        },
        "additionalProperties": False,
        "oneOf": [{"required": [name]} for name in INPUT_FORMATS],
        "not": {"anyOf": _pairs()},
        "$defs": definitions.kept,
    }


def _forms(specs: Sequence[Spec], definitions: Definitions) -> dict[str, JsonSchema]:
    if specs[0].get("type") == "tensor":
        return Tensors(specs, definitions).forms()
    if specs[0].get("name") is None:
        return UnnamedColumns(specs, definitions).forms()
    return NamedColumns(specs, definitions).forms()


_UNTYPED: Mapping[str, JsonSchema] = {
    "inputs": {"description": "what the model parses itself"},
    "instances": {"description": "what the model parses itself"},
    "dataframe_split": split(),
    "dataframe_records": {"description": "a list of rows", "type": "array"},
}


def _pairs() -> list[JsonSchema]:
    """Two names for the parameters at once."""
    return [
        {"required": [first, second]}
        for number, first in enumerate(PARAMETER_NAMES)
        for second in PARAMETER_NAMES[number + 1 :]
    ]
