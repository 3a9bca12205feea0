"""`CircuitStateStore` in the DynamoDB table that all execution environments share."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.common.circuits.state import CircuitState, Phase
from functions.common.circuits.store import CircuitStatesUnavailableError
from functions.common.dynamodb_values import deserialize, serialize

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

KEPT_S = 30 * 24 * 3600
"""Seconds after the last change; the learnt wake-up time is worth keeping for a month."""
_STORED_NAMES = {"next_probe_at": "turn_at"}
"""Attributes whose stored name differs from the field's."""


class DynamoCircuitStateStore:
    """`CircuitStateStore` whose *client* gives up within a second."""

    def __init__(
        self, client: "DynamoDBClient", table_name: str, *, now: Callable[[], float] = time.time
    ) -> None:
        self._client = client
        self._table = table_name
        self._now = now

    def get(self, deployment_id: str) -> CircuitState:
        with _unavailable():
            response = self._client.get_item(
                TableName=self._table, Key=_key(deployment_id), ConsistentRead=True
            )
        return _state(response["Item"]) if "Item" in response else CircuitState()

    def replace(
        self, deployment_id: str, seen: CircuitState, new: CircuitState
    ) -> CircuitState | None:
        written = replace(new, version=seen.version + 1)
        with _unavailable():
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=self._item(deployment_id, written),
                    ConditionExpression="attribute_not_exists(id) OR version = :seen",
                    ExpressionAttributeValues={":seen": {"N": str(seen.version)}},
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return None
        return written

    def _item(self, deployment_id: str, state: CircuitState) -> dict[str, Any]:
        values: dict[str, Any] = {**asdict(state), "expiration": int(self._now() + KEPT_S)}
        return _key(deployment_id) | {
            _STORED_NAMES.get(name, name): serialize(_number(value))
            for name, value in values.items()
            if value is not None
        }


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise CircuitStatesUnavailableError(type(error).__name__) from error


def _key(deployment_id: str) -> dict[str, Any]:
    return {"id": {"S": f"condition#{deployment_id}"}}


def _number(value: Any) -> Any:
    """Return floats as decimals, which DynamoDB requires, to the microsecond."""
    return Decimal(f"{value:.6f}") if isinstance(value, float) else value


def _state(item: dict[str, Any]) -> CircuitState:
    values = {name: deserialize(value) for name, value in item.items()}
    wake_s = values.get("wake_s")
    return CircuitState(
        phase=Phase(values["phase"]),
        failures=int(values["failures"]),
        answered_at=float(values["answered_at"]),
        since=float(values["since"]),
        next_probe_at=float(values["turn_at"]),
        probing=values["probing"],
        wake_s=None if wake_s is None else float(wake_s),
        checked_at=float(values.get("checked_at", 0)),
        version=int(values["version"]),
    )
