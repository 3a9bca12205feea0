"""The document of one model: its routes of openapi.yaml, with its own types."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from functions.common.deployments.record import Deployment
from functions.describe.openapi import Json
from functions.describe.openapi.api_document import static_document
from functions.describe.openapi.model_types import model_schemas

_MODEL = "/models/{model_id}"
_MODEL_ID = {"$ref": "#/components/parameters/ModelId"}
_COMPONENT = "#/components/"


def model_document(deployment: Deployment, api_url: str) -> Json:
    """Return the document of the model of *deployment*; *api_url* has no slash at its end."""
    static = static_document()
    name, version = deployment.model_id, deployment.model_version
    path = f"/models/{quote(name, safe='')}"
    document = {
        **static,
        "info": {
            "title": f"Model {name}",
            "version": version,
            "description": (
                f"Version {version} of {name}. Input that does not fit its signature is answered "
                "by `invalid_input`, with a JSON pointer to each fault. Every answer names the "
                "version that predicted."
            ),
        },
        "servers": [{"url": api_url}],
        "paths": {
            path: {"get": _without_model_id(static["paths"][_MODEL]["get"])},
            f"{path}/predict": {"post": _predict_operation(deployment)},
        },
    }
    schemas = static["components"]["schemas"]
    schemas = schemas | model_schemas(deployment, schemas)
    return document | {"components": _used(document["paths"], static["components"], schemas)}


def _predict_operation(deployment: Deployment) -> Json:
    operation = _without_model_id(static_document()["paths"][f"{_MODEL}/predict"]["post"])
    body = operation["requestBody"]
    content: Json = {"schema": body["content"]["application/json"]["schema"]}
    if example := deployment.contract.input_example:
        content["examples"] = {"input_example": {"value": example}}
    return operation | {"requestBody": body | {"content": {"application/json": content}}}


def _without_model_id(operation: Json) -> Json:
    """Return *operation* for a path that names the model itself."""
    others = [each for each in operation["parameters"] if each != _MODEL_ID]
    return operation | {"parameters": others}


def _used(paths: Json, components: Json, schemas: Json) -> Json:
    """Return the components that *paths* refer to, directly or not, and the security schemes."""
    known = components | {"schemas": schemas}
    used: Json = {"securitySchemes": components["securitySchemes"]}
    pending = list(_references(paths))
    while pending:
        kind, _, name = pending.pop().partition("/")
        if name not in used.setdefault(kind, {}):
            used[kind][name] = known[kind][name]
            pending += _references(known[kind][name])
    return used


def _references(part: Any) -> Iterator[str]:
    """Yield `schemas/Model` for each reference within *part*; a property named `$ref` is none."""
    if isinstance(part, list):
        for item in part:
            yield from _references(item)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref" and isinstance(value, str):
                yield value.removeprefix(_COMPONENT)
            else:
                yield from _references(value)
