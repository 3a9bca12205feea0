"""Request units, as AWS's documents have them, and the table that counts them."""

import pytest
from botocore.exceptions import ClientError

from bench.memory_dynamo import a_counting_table
from bench.metering import Tally
from bench.request_units import KIB, index_write_units, read_units, write_units
from tests.tables import DEPLOYMENTS, STATE


@pytest.mark.parametrize(
    ("size", "consistent", "eventual"),
    [(0, 1, 1), (1, 1, 1), (4 * KIB, 1, 1), (4 * KIB + 1, 2, 1), (9 * KIB, 3, 2)],
)
def test_a_read_costs_a_unit_per_begun_four_kilobytes(
    size: int, consistent: int, eventual: int
) -> None:
    """One that is a moment behind costs half of it."""
    assert (consistent, eventual) == (read_units(size), read_units(size, consistent=False))


def test_a_write_costs_by_the_larger_of_both_items() -> None:
    """Twice as much in a transaction; a deletion as much as what it deletes."""
    assert 3 == write_units(2 * KIB + 1, 10)
    assert 6 == write_units(10, 2 * KIB + 1, in_transaction=True)
    assert 1 == write_units(0, 0)


def test_a_moved_entry_of_an_index_is_written_twice() -> None:
    """It is deleted under its old key, and added under the new one."""
    assert 2 == index_write_units(100, 100, moved=True)
    assert 1 == index_write_units(100, 100, moved=False)
    assert 1 == index_write_units(0, 100, moved=True)
    assert 2 == index_write_units(0, KIB + 1, moved=True)


def test_the_table_charges_for_what_it_is_asked() -> None:
    """A refused write costs what the item costs that refused it."""
    tally = Tally()
    table = a_counting_table(tally)
    item = {"id": {"S": "a"}, "text": {"S": "x" * 5 * KIB}}
    once = {"TableName": STATE, "Item": item, "ConditionExpression": "attribute_not_exists(id)"}

    table.put_item(**once)
    with pytest.raises(ClientError):
        table.put_item(**{**once, "Item": {"id": {"S": "a"}}})
    table.get_item(TableName=STATE, Key={"id": {"S": "a"}}, ConsistentRead=True)

    assert (12, 2) == (tally.writes, tally.reads)
    assert {"dynamodb.PutItem": 2, "dynamodb.GetItem": 1} == dict(tally.requests)


def test_pages_end_at_a_megabyte() -> None:
    """Each is rounded up by itself."""
    tally = Tally()
    table = a_counting_table(tally)
    for number in range(5):
        id_ = {"model_id": {"S": "m"}, "id": {"S": f"{number}"}}
        item = id_ | {"input_example": {"S": "x" * 300 * KIB}}
        table.put_item(TableName=DEPLOYMENTS, Item=item)
    asked = {
        "TableName": DEPLOYMENTS,
        "KeyConditionExpression": "model_id = :model",
        "ExpressionAttributeValues": {":model": {"S": "m"}},
        "ConsistentRead": True,
    }

    pages = list(table.get_paginator("query").paginate(**asked))

    assert [3, 2] == [len(page["Items"]) for page in pages]
    assert 2 == tally.pages
    assert 376 <= tally.reads <= 378
