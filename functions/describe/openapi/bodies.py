"""The forms that a body for predict can have, each with a schema of its own, so that generated
clients have a class for each."""

from collections.abc import Mapping

from functions.common.signatures.body import PARAMETER_NAMES
from functions.describe.openapi import Json, schema_ref

REQUEST = "PredictRequest"
ANY_FORM: Mapping[str, Json] = {
    "inputs": {"description": "Tensors, rows, or columns by their names."},
    "instances": {"description": "The same, as TensorFlow Serving calls it."},
    "dataframe_split": {
        "description": "A table as pandas splits it.",
        "type": "object",
        "properties": {
            "columns": {"type": "array", "items": {}, "description": "The columns' names."},
            "index": {"type": "array", "items": {}, "description": "Does not matter."},
            "data": {
                "type": "array",
                "items": {"type": "array", "items": {}},
                "description": "A list of rows, with a value for every column.",
            },
        },
        "required": ["data"],
    },
    "dataframe_records": {
        "description": "A list of rows, each with its columns by name.",
        "type": "array",
        "items": {"type": "object"},
    },
}
"""Schemas by the name of the form, true of every model."""
ANY_PARAMETERS: Json = {
    name: {
        "type": "object",
        "description": f"Parameters by name; {', '.join(PARAMETER_NAMES)} mean the same.",
    }
    for name in PARAMETER_NAMES
}


def body_schemas(forms: Mapping[str, Json], *, parameters: Json) -> Json:
    """The schema `REQUEST`, which is a body in one of the *forms* with at most one of the
    *parameters*, and those that it refers to."""
    bodies: Json = {
        _body_of(name): {
            "title": _body_of(name),
            "type": "object",
            "properties": {name: schema, **parameters},
            "required": [name],
            "additionalProperties": False,
            **_only_one(list(parameters)),
        }
        for name, schema in forms.items()
    }
    return bodies | {REQUEST: {"title": REQUEST, "oneOf": [schema_ref(name) for name in bodies]}}


def _only_one(names: list[str]) -> Json:
    pairs = [
        {"required": [first, second]}
        for number, first in enumerate(names)
        for second in names[number + 1 :]
    ]
    return {"not": {"anyOf": pairs}} if pairs else {}


def _body_of(form: str) -> str:
    """`dataframe_split` → `DataframeSplitBody`."""
    return "".join(part.capitalize() for part in form.split("_")) + "Body"
