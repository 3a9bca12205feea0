"""Writes that DynamoDB refuses: by a condition, a conflict, throttling, or the size of an item."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from functions.common.deployments.dynamodb_requests import ATTEMPTS, DynamoWriter
from functions.common.deployments.store import (
    DeploymentStore,
    RecordTooLargeError,
    StoreBusyError,
)
from tests.builders import a_deployment, changed

WRITE: dict[str, Any] = {"Item": {"model_id": {"S": "iris"}, "id": {"S": "1"}}}
TOO_LARGE = "Item size to update has exceeded the maximum allowed size"


@pytest.fixture
def stubber() -> Iterator[Stubber]:
    """A DynamoDB that gives prepared answers; every one must be asked for."""
    client = boto3.client("dynamodb", region_name="us-east-1")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def writer(stubber: Stubber, pauses: list[float]) -> DynamoWriter:
    client: Any = stubber.client
    return DynamoWriter(client, "t", sleep=pauses.append, jitter=lambda: 1.0)


def cancelled(stubber: Stubber, *codes: str, message: str = "") -> None:
    """Answer a transaction with the reasons *codes*, one for each part."""
    reasons = [
        {"Code": code} if code == "None" else {"Code": code, "Message": message} for code in codes
    ]
    stubber.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons [{', '.join(codes)}]",
        400,
        modeled_fields={"CancellationReasons": reasons},
    )


@pytest.mark.parametrize(
    "reasons",
    [
        ("None", "ConditionalCheckFailed"),
        ("TransactionConflict", "ConditionalCheckFailed"),
        ("ConditionalCheckFailed", "ThrottlingError"),
    ],
)
def test_a_condition_that_does_not_hold_ends_a_transaction(
    writer: DynamoWriter, stubber: Stubber, reasons: tuple[str, ...]
) -> None:
    """Whatever else was in its way: the same writes would be refused again."""
    cancelled(stubber, *reasons)

    assert writer.transact(("Put", WRITE)) is False


@pytest.mark.parametrize(
    "reason", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"]
)
def test_a_transaction_in_conflict_or_throttled_is_tried_again(
    writer: DynamoWriter, stubber: Stubber, pauses: list[float], reason: str
) -> None:
    """After longer and longer pauses; botocore tries none of these again."""
    cancelled(stubber, "None", reason)
    cancelled(stubber, reason, "None")
    stubber.add_response("transact_write_items", {})

    assert writer.transact(("Put", WRITE))
    assert [0.05, 0.1] == pauses


def test_a_conflict_that_lasts_is_retryable(writer: DynamoWriter, stubber: Stubber) -> None:
    """It is never taken for a condition, which would end a deployment as superseded."""
    for _ in range(ATTEMPTS):
        cancelled(stubber, "None", "TransactionConflict")

    with pytest.raises(StoreBusyError):
        writer.transact(("Put", WRITE))


@pytest.mark.parametrize("code", ["TransactionConflictException", "TransactionInProgressException"])
def test_a_single_write_in_conflict_with_a_transaction_is_tried_again(
    writer: DynamoWriter, stubber: Stubber, code: str
) -> None:
    """botocore's standard retries leave it out."""
    stubber.add_client_error("put_item", code)
    stubber.add_response("put_item", {})

    assert writer.put(WRITE)


def test_an_item_that_is_too_large_ends_a_transaction(
    writer: DynamoWriter, stubber: Stubber
) -> None:
    """It has no code of its own."""
    cancelled(stubber, "None", "ValidationError", message=TOO_LARGE)

    with pytest.raises(RecordTooLargeError):
        writer.transact(("Put", WRITE))


def test_other_errors_are_botocores(writer: DynamoWriter, stubber: Stubber) -> None:
    """A missing right must not look like a conflict."""
    stubber.add_client_error("put_item", "AccessDeniedException")
    cancelled(stubber, "AccessDenied")

    with pytest.raises(ClientError, match="AccessDeniedException"):
        writer.put(WRITE)
    with pytest.raises(ClientError, match="TransactionCanceledException"):
        writer.transact(("Put", WRITE))


def test_a_record_that_is_too_large_is_refused(store: DeploymentStore) -> None:
    """By DynamoDB and by the fake, in every kind of write."""
    small = a_deployment()
    columns = [{"name": f"{number * 7919**7:x}", "type": "double"} for number in range(40_000)]
    large = changed(small, input_schema=columns)

    with pytest.raises(RecordTooLargeError):
        store.add(large)
    store.add(small)
    with pytest.raises(RecordTooLargeError):
        store.update(small, large)
    assert small == store.get("iris", small.id)
