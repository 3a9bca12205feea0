"""Deployments and desired deployments as items of the table `deployed_models`, and back.

An item is flat: the parts of a record share it, each field under an attribute of its own.
"""

import json
import lzma
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from msgspec import convert

from functions.common.deployments import history_index, unsettled_index
from functions.common.deployments.agreement import AgreementRecord, ComparedCandidate
from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.item_size import MAX_ITEM_BYTES, Item
from functions.common.deployments.record import (
    Deployment,
    EndpointRecord,
    ModelContract,
    PackageRecord,
    utc_text,
)
from functions.common.deployments.unreadable import (
    UnreadableRecord,
    report_unreadable,
)
from functions.common.dynamodb_values import deserialize, serialize
from functions.common.errors import UnreadableRecordError

LIVE = "live"
DESIRED = "target"
LAST_RECORD = DESIRED
"""The last sort key of a model's records: UUIDs and `live` come before it. What others keep in a
model's partition, as the ledger does, has a sort key that comes after it."""
MAX_TEXT_BYTES = 1_000
"""Longer ones are compressed, to a fifth or less where columns repeat themselves: every read and
write is paid for by the kilobyte, and an item has at most 400 KB."""

ROOM_BYTES = 32 * 1024
"""Kept free in a new item for what later tasks write: timeline and reason, which the index
`history` holds too, endpoint, package."""

MAX_UNPACKED_BYTES = 8 * 1024**2
"""Of one document: a few bytes can stand for any number of equal columns."""


def _attributes(part: type, **renamed: str) -> dict[str, str]:
    """Return the attribute of each field of *part*: of the same name, unless *renamed*."""
    return {each.name: renamed.get(each.name, each.name) for each in fields(part)}


ATTRIBUTES = {
    "endpoint": _attributes(
        EndpointRecord,
        name="endpoint_name",
        url="endpoint_url",
        secret="endpoint_secret",  # noqa: S106
    ),
    "package": _attributes(PackageRecord, digest="package_digest"),
    "contract": _attributes(
        ModelContract, inputs="input_schema", outputs="output_schema", params="params_schema"
    ),
    "agreement": {each.name: f"agreement_{each.name}" for each in fields(AgreementRecord)},
    "candidate": {each.name: f"candidate_{each.name}" for each in fields(ComparedCandidate)},
}
"""Attributes of the parts' fields. All others are stored under the names of the fields."""
_JSON_ATTRIBUTES = frozenset(ATTRIBUTES["contract"].values())
"""Kept as JSON text: free-form documents, whose numbers DynamoDB's own types would change."""
_EARLIER_RUNTIMES = {"handler": {"runtime": "toolkit", "python": "3.11"}}
"""Attributes of items that were written before there were several runtimes."""


def key(model_id: str, sort_key: str) -> Item:
    """Return the key of an item."""
    return {"model_id": {"S": model_id}, "id": {"S": sort_key}}


def deployment_item(deployment: Deployment) -> Item:
    """Return the item of *deployment*."""
    values = _plain(deployment)
    for part, attributes in ATTRIBUTES.items():
        for name, value in values.pop(part).items():
            values[attributes[name]] = value
    for name in values.keys() & _JSON_ATTRIBUTES:
        values[name] = packed(values[name])
    if "hourly_cost_usd" in values:
        values["hourly_cost_usd"] = str(float(values["hourly_cost_usd"]))
    item = _serialized(values | {history_index.KEY: history_index.position_of(deployment)})
    return item if deployment.expiration else item | {unsettled_index.KEY: unsettled_index.VALUE}


def live_item(deployment: Deployment) -> Item:
    """Return a whole copy of *deployment* under the sort key `live`."""
    item = deployment_item(deployment)
    # The deployment's own item is in the indexes already.
    for index in (history_index, unsettled_index):
        item.pop(index.KEY, None)
    return item | {"id": {"S": LIVE}, "deployment_id": {"S": deployment.id}}


def fits(deployment: Deployment) -> bool:
    """Return whether *deployment* fits into an item, and will until it is live."""
    # The item `live` is smaller: it has no entry in that index.
    size = history_index.size_with_entry(deployment_item(deployment))
    return size <= MAX_ITEM_BYTES - ROOM_BYTES


def deployment_of(item: Item) -> Deployment:
    """Return the deployment of its own item or of the item `live`.

    Raises: UnreadableRecordError.
    """
    with reading(item):
        return _deployment_of(item)


def _deployment_of(item: Item) -> Deployment:
    values = _values(item)
    for name in values.keys() & _JSON_ATTRIBUTES:
        values[name] = unpacked(values[name])
    if values["id"] == LIVE:
        values["id"] = values.pop("deployment_id")
    if "hourly_cost_usd" in values:
        values["hourly_cost_usd"] = float(values["hourly_cost_usd"])
    values |= _EARLIER_RUNTIMES.get(values.get("runtime", ""), {})
    for part, attributes in ATTRIBUTES.items():
        values[part] = {
            name: values.pop(attribute)
            for name, attribute in attributes.items()
            if attribute in values
        }
    return convert(values, Deployment)


def packed(document: Any) -> str | bytes:
    """Return JSON text, compressed with LZMA when it is long."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    encoded = text.encode()
    # Higher presets take ten times as long and save a sixth.
    return text if len(encoded) <= MAX_TEXT_BYTES else lzma.compress(encoded, preset=1)


def unpacked(value: Any) -> Any:
    """Return the document of what `packed` returned.

    Raises: ValueError, LZMAError.
    """
    if isinstance(value, str):
        return json.loads(value)
    decompressor = lzma.LZMADecompressor()
    text = decompressor.decompress(value, max_length=MAX_UNPACKED_BYTES)
    if not decompressor.eof:
        raise ValueError("It is larger than a record may be.")
    return json.loads(text)


def desired_item(desired: DesiredDeployment) -> Item:
    """Return the item of *desired*."""
    own = {"id": {"S": DESIRED}, unsettled_index.KEY: unsettled_index.VALUE}
    return _serialized(_plain(desired)) | own


def desired_of(item: Item) -> DesiredDeployment:
    """Return the desired deployment of its item.

    Raises: UnreadableRecordError.
    """
    with reading(item):
        return convert(_values(item), DesiredDeployment)


def live_id_of(item: Item) -> str:
    """Return the id of the deployment that the item `live` is a copy of.

    Raises: UnreadableRecordError.
    """
    with reading(item):
        return str(item["deployment_id"]["S"])


def unreadable_record(item: Item) -> UnreadableRecord:
    """Return what is known of an item that cannot be read."""
    return UnreadableRecord(text_of(item, "id") or "", text_of(item, "endpoint_name"))


def text_of(item: Item, attribute: str) -> str | None:
    """Return an attribute that is text; None for any other, and without it."""
    value = item.get(attribute, {}).get("S")
    return value if isinstance(value, str) else None


@contextmanager
def reading(item: Item) -> Iterator[None]:
    """Report whatever is wrong with *item*.

    Raises: UnreadableRecordError.
    """
    try:
        yield
    except Exception as error:  # noqa: BLE001 - an item can hold anything
        model_id, id_ = text_of(item, "model_id") or "", text_of(item, "id") or ""
        report_unreadable(model_id, id_, type(error).__name__)
        raise UnreadableRecordError("A record of this model cannot be read.") from None


def _serialized(values: dict[str, Any]) -> Item:
    return {name: serialize(value) for name, value in values.items()}


def _values(item: Item) -> dict[str, Any]:
    """Return the attributes of *item*; every number in a record is a whole one."""
    return {name: _with_integers(deserialize(value)) for name, value in item.items()}


def _with_integers(value: Any) -> Any:
    match value:
        case Decimal() if value == int(value):
            return int(value)
        case list():
            return [_with_integers(each) for each in value]
        case dict():
            return {name: _with_integers(each) for name, each in value.items()}
    return value


def _plain(value: Any) -> Any:
    """Return *value* without dataclasses, whose fields that are None are left out."""
    match value:
        case datetime():
            return utc_text(value)
        case StrEnum():
            return value.value
        case tuple():
            return [_plain(each) for each in value]
    if not is_dataclass(value):
        return value
    values = {each.name: getattr(value, each.name) for each in fields(value)}
    return {name: _plain(inner) for name, inner in values.items() if inner is not None}
