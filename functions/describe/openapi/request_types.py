"""The body that one model takes, typed by its signature.

What can only be checked, and says nothing of types, is left out.
"""

from collections.abc import Mapping
from typing import Any

from functions.common.deployments.record import Deployment, ModelSource
from functions.common.signatures.request_schema import request_schema
from functions.common.signatures.body import INPUT_FORMATS
from functions.describe.openapi import Json, schema_ref
from functions.describe.openapi.bodies import (
    ANY_FORM,
    ANY_PARAMETERS,
    body_schemas,
)

_DEFINITION = "#/$defs/"
_CHECKS = frozenset({"$schema", "if", "then", "else", "contains", "not"})
_HUB_FORMS = ("inputs", "instances")
"""A Hub source takes no tables."""


def request_schemas(deployment: Deployment) -> Json:
    """The schema of a body, and those that it refers to (see `body_schemas`)."""
    if deployment.runtime is ModelSource.HUB:
        forms = {name: ANY_FORM[name] for name in _HUB_FORMS}
        return body_schemas(forms, parameters=ANY_PARAMETERS)
    typed = _typed(deployment)
    if typed is None:
        return body_schemas(ANY_FORM, parameters=ANY_PARAMETERS)
    properties: Mapping[str, Json] = typed["properties"]
    forms = {name: _simple(properties[name] or ANY_FORM[name]) for name in INPUT_FORMATS}
    # Which cell is of which column only its header says.
    forms["dataframe_split"] = ANY_FORM["dataframe_split"]
    given = {"params": _simple(properties["params"])} if deployment.params_schema else {}
    schemas = {_name_of(name): _simple(schema) for name, schema in typed["$defs"].items()}
    return schemas | body_schemas(forms, parameters=given)


def _typed(deployment: Deployment) -> Json | None:
    """What callers should send; None without a signature."""
    checked = deployment.request_schema or {}
    return request_schema(
        deployment.input_schema,
        deployment.params_schema,
        # Then nothing is checked, and the signature says nothing of what is taken.
        from_type_hint=checked.get("properties", {}).get("inputs") == {},
        documented=True,
    )


def _simple(schema: Json) -> Json:
    """Without mere checks, with references into the document, and with a word on every list's
    items, which generators of clients insist on."""
    simple = {name: _part(name, value) for name, value in schema.items() if name not in _CHECKS}
    # A type, and a narrower look at what comes as it.
    if typed := [each for each in simple.pop("allOf", []) if "$ref" in each]:
        return dict(typed[0])
    if "$ref" in simple:
        return schema_ref(_name_of(simple["$ref"].removeprefix(_DEFINITION)))
    if "array" in _types(simple) and "items" not in simple:
        simple["items"] = {}
    return simple


def _part(keyword: str, value: Any) -> Any:
    """What stands at a *keyword*; names of columns, and values, are no keywords."""
    match keyword:
        case "properties":
            return {name: _simple(schema) for name, schema in value.items()}
        case "anyOf" | "allOf" | "oneOf" | "prefixItems":
            return [_simple(schema) for schema in value]
        case "items" | "additionalProperties" if isinstance(value, dict):
            return _simple(value)
    return value


def _types(schema: Json) -> list[str]:
    types = schema.get("type", [])
    return types if isinstance(types, list) else [types]


def _name_of(definition: str) -> str:
    """`array_3` → `InputArray3`."""
    return "Input" + "".join(part.capitalize() for part in definition.split("_"))
