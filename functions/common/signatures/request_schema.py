"""The schema of a body for predict, made of a model's signature."""

from collections.abc import Mapping, Sequence

from functions.common.signatures.body import PARAMETER_NAMES
from functions.common.signatures.chat import chat_schema, takes_chat
from functions.common.signatures.column_forms import column_forms
from functions.common.signatures.definitions import Definitions
from functions.common.signatures.specification import Param, Spec, read_columns, read_tensors
from functions.common.signatures.tables import rows_schema, split_form
from functions.common.signatures.tensor_forms import tensor_forms
from functions.common.signatures.values import JsonSchema, list_schema, nullable, value_schema

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REQUEST = "PredictRequest"
_ANY_FORM: Mapping[str, JsonSchema] = {
    "inputs": {"description": "tensors, rows, or columns by their names"},
    "instances": {"description": "the same as inputs, by TensorFlow Serving's name"},
    "dataframe_split": split_form({}),
    "dataframe_records": rows_schema({}),
}
"""Schemas by input format, for a model whose signature says nothing about the input."""


def request_schema(
    input_schema: Sequence[Spec] | None,
    params_schema: Sequence[Spec] | None,
    *,
    from_type_hint: bool = False,
) -> JsonSchema | None:
    """Return the JSON Schema (2020-12) of a whole body; None without a signature.

    It is what bodies are checked by and what the model's OpenAPI document shows. A signature made
    *from_type_hint* says nothing about the input: the model parses it itself.
    """
    if input_schema is None and params_schema is None:
        return None
    definitions = Definitions("Input")
    forms = _ANY_FORM
    own: list[JsonSchema] = []
    if input_schema and not from_type_hint:
        tensors, columns = read_tensors(input_schema), read_columns(input_schema)
        if takes_chat(input_schema):
            params = {
                each.name: param_schema(each) for each in map(Param.read, params_schema or ())
            }
            own = [chat_schema(columns, params, definitions)]
        forms = (
            tensor_forms(tensors, definitions) if tensors else column_forms(columns, definitions)
        )
    return _body(forms, _params(params_schema), own, definitions)


def _body(
    forms: Mapping[str, JsonSchema],
    params: JsonSchema,
    own: Sequence[JsonSchema],
    definitions: Definitions,
) -> JsonSchema:
    """Return one alternative for each form: generated clients have a class for each. A model's
    *own* come first."""
    parameters = dict.fromkeys(PARAMETER_NAMES, definitions.ref("params", params))
    bodies = {each["title"]: each for each in own}
    bodies |= {_title(name): _alternative(name, form, parameters) for name, form in forms.items()}
    return {
        "$schema": DIALECT,
        "title": REQUEST,
        "oneOf": [{"$ref": f"#/$defs/{title}"} for title in bodies],
        "$defs": bodies | definitions.collected,
    }


def _alternative(name: str, form: JsonSchema, parameters: Mapping[str, JsonSchema]) -> JsonSchema:
    return {
        "title": _title(name),
        "description": f"a body with {name}",
        "type": "object",
        "properties": {name: form, **parameters},
        "required": [name],
        "additionalProperties": False,
        "not": {"anyOf": _pairs(list(parameters))},
    }


def _pairs(names: list[str]) -> list[JsonSchema]:
    return [
        {"required": [first, second]}
        for number, first in enumerate(names)
        for second in names[number + 1 :]
    ]


def _title(form: str) -> str:
    """`dataframe_split` → `DataframeSplitBody`."""
    return "".join(part.capitalize() for part in form.split("_")) + "Body"


def _params(specs: Sequence[Spec] | None) -> JsonSchema:
    """Return the schema of the params. MLflow ignores those that the model does not declare."""
    if specs is None:
        return {"description": "parameters, which this model ignores"}
    params = [Param.read(spec) for spec in specs]
    return {
        "description": "parameters by their names",
        "type": ["object", "null"],
        "properties": {param.name: param_schema(param) for param in params},
    }


def param_schema(param: Param) -> JsonSchema:
    """Return the schema of a param's value; null stands for the default."""
    value = nullable(value_schema(param.type))
    schema = list_schema(value, "a list") if param.listed else value
    return schema if param.default is None else schema | {"default": param.default}
