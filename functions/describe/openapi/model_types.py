"""The types of one model: the schemas that its calls are checked by, as parts of its document."""

import json

from functions.common.deployments.record import Deployment
from functions.describe.openapi import Json, schema_ref

_HUB_BODIES = ("InputsBody", "InstancesBody")
"""A Hub source takes no tables."""
_DEFINITION = '"$ref": "#/$defs/'
_COMPONENT = '"$ref": "#/components/schemas/'


def model_schemas(deployment: Deployment, static: Json) -> Json:
    """Return the schemas that replace the *static* document's, or add to them."""
    return {**_request_schemas(deployment), **_answer_schemas(deployment, static["Prediction"])}


def _request_schemas(deployment: Deployment) -> Json:
    if deployment.package.is_hub_source:
        bodies = [schema_ref(name) for name in _HUB_BODIES]
        return {"PredictRequest": {"title": "PredictRequest", "oneOf": bodies}}
    if deployment.contract.request_schema is None:
        return {}
    request, definitions = _split(deployment.contract.request_schema)
    return {**definitions, "PredictRequest": request}


def _answer_schemas(deployment: Deployment, answer: Json) -> Json:
    if deployment.contract.answer_schema is None:
        return {}
    predictions, definitions = _split(deployment.contract.answer_schema)
    properties = answer["properties"] | {"predictions": predictions}
    return {**definitions, "Prediction": answer | {"properties": properties}}


def _split(schema: Json) -> tuple[Json, Json]:
    """Return a schema and its definitions, whose references lead into the document."""
    whole = json.loads(json.dumps(schema).replace(_DEFINITION, _COMPONENT))
    whole.pop("$schema", None)
    return whole, whole.pop("$defs", {})
