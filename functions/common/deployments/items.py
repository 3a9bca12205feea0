"""Deployments and desired_deployments as items of the table `deployed_models`, and back."""

import json
import lzma
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from pydantic import BaseModel

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import Deployment

LIVE = "live"
DESIRED = "target"
_JSON_FIELDS = (
    "input_schema",
    "output_schema",
    "params_schema",
    "request_schema",
    "answer_schema",
    "input_example",
)
"""Kept as JSON text: free-form documents, whose numbers DynamoDB's own types would change."""
MAX_TEXT_BYTES = 10_000
"""Longer ones are compressed, to a tenth or less where thousands of columns repeat themselves: an
item has at most 400 KB."""

type Item = dict[str, Any]

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


def key(model_id: str, sort_key: str) -> Item:
    return {"model_id": {"S": model_id}, "id": {"S": sort_key}}


def deployment_item(deployment: Deployment) -> Item:
    values = deployment.model_dump(mode="json", exclude_none=True)
    for name in values.keys() & set(_JSON_FIELDS):
        values[name] = packed(values[name])
    if "hourly_cost_usd" in values:
        values["hourly_cost_usd"] = str(values["hourly_cost_usd"])
    return _serialized(values)


def live_item(deployment: Deployment) -> Item:
    """A whole copy under the sort key `live`."""
    return deployment_item(deployment) | {"id": {"S": LIVE}, "deployment_id": {"S": deployment.id}}


def deployment_of(item: Item) -> Deployment:
    values = {name: _deserialize(value) for name, value in item.items()}
    for name in values.keys() & set(_JSON_FIELDS):
        values[name] = _unpacked(values[name])
    if values["id"] == LIVE:
        values["id"] = values.pop("deployment_id")
    return Deployment.model_validate(values)


def packed(document: Any) -> str | bytes:
    """JSON text, or what LZMA makes of it."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    encoded = text.encode()
    # Higher presets take ten times as long and save a sixth.
    return text if len(encoded) <= MAX_TEXT_BYTES else lzma.compress(encoded, preset=1)


def _unpacked(value: Any) -> Any:
    """Text, or the bytes in boto3's own wrapping."""
    return json.loads(value if isinstance(value, str) else lzma.decompress(bytes(value)))


def desired_item(desired: DesiredDeployment) -> Item:
    return _serialized(_present(desired)) | {"id": {"S": DESIRED}}


def desired_of(item: Item) -> DesiredDeployment:
    values = {name: _deserialize(value) for name, value in item.items()}
    return DesiredDeployment.model_validate(
        {"deployment_id": None, "model_version": None, **values}
    )


def _present(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", exclude_none=True)


def _serialized(values: dict[str, Any]) -> Item:
    return {name: _serialize(value) for name, value in values.items()}
