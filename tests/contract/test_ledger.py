"""The fake ledger and DynamoDB's behave the same."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from bench.memory_dynamo import a_counting_table
from bench.metering import Tally
from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.dynamodb_history import DynamoDeploymentHistory
from functions.common.deployments.dynamodb_listing import DynamoModelListing
from functions.common.deployments.record import Deployment
from functions.common.deployments.store import ModelState
from functions.common.ledger.dynamodb import DynamoLedger
from functions.common.ledger.model_month import EndpointCost, ModelMonth, MonthTotal
from functions.common.ledger.store import NOBODY, Ledger
from tests.builders import NOON, a_deployment, set_desired
from tests.fakes.ledger import FakeLedger
from tests.tables import DEPLOYMENTS, create_table

COST = EndpointCost(
    usd=1.234567891,
    since=NOON,
    seen_at=NOON + timedelta(hours=1, microseconds=7),
    usd_per_hour=0.067,
    sleeps_at=NOON + timedelta(hours=2),
)
NOVEMBER = ModelMonth(
    model_id="iris",
    month="2026-11",
    endpoints={"one": COST, "two": replace(COST, usd=0.5, sleeps_at=None, ended=True)},
    shown_usd=1.7,
    shown_on=date(2026, 11, 22),
)


@pytest.fixture(params=["fake", "dynamodb", "memory"])
def ledger(request: pytest.FixtureRequest) -> Iterator[Ledger]:
    """An empty ledger."""
    if request.param == "fake":
        yield FakeLedger()
        return
    if request.param == "memory":
        yield DynamoLedger(a_counting_table(), DEPLOYMENTS)
        return
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        create_table(DEPLOYMENTS, client)
        yield DynamoLedger(client, DEPLOYMENTS)


def test_a_month_of_which_nothing_is_stored_is_empty(ledger: Ledger) -> None:
    """However it is asked for."""
    empty = ModelMonth(model_id="iris", month="2026-11")

    assert empty == ledger.month("iris", "2026-11")
    assert {("iris", "2026-11"): empty} == ledger.months(["iris"], ["2026-11"])
    assert MonthTotal(month="2026-11") == ledger.total("2026-11")


def test_what_is_written_is_read(ledger: Ledger) -> None:
    """Every field survives; other models and months stay empty."""
    assert ledger.write(NOVEMBER)

    written = replace(NOVEMBER, version=1)
    assert written == ledger.month("iris", "2026-11")
    found = ledger.months(["iris", "wine"], ["2026-10", "2026-11"])
    assert {(each.model_id, each.month): each.version for each in found.values()} == {
        ("iris", "2026-10"): 0,
        ("iris", "2026-11"): 1,
        ("wine", "2026-10"): 0,
        ("wine", "2026-11"): 0,
    }
    assert written == found["iris", "2026-11"]


def test_of_two_that_count_the_same_time_one_fails(ledger: Ledger) -> None:
    """The second one's version is not there any more."""
    assert ledger.write(NOVEMBER)
    assert not ledger.write(replace(NOVEMBER, endpoints={}))
    seen = ledger.month("iris", "2026-11")

    assert ledger.write(replace(seen, endpoints={"one": COST}))
    assert not ledger.write(replace(seen, endpoints={}))
    assert {"one": COST} == ledger.month("iris", "2026-11").endpoints


def test_months_that_change_together_change_all_or_none(ledger: Ledger) -> None:
    """So that dollars which move from a name to another are neither lost nor doubled."""
    assert ledger.write(NOVEMBER)
    seen = ledger.month("iris", "2026-11")
    moved = replace(NOVEMBER, model_id="flower")

    assert not ledger.write(replace(seen, version=7, endpoints={}), moved)
    assert {} == ledger.month("flower", "2026-11").endpoints
    assert ledger.write(replace(seen, endpoints={}), moved)
    assert {} == ledger.month("iris", "2026-11").endpoints
    assert NOVEMBER.endpoints == ledger.month("flower", "2026-11").endpoints


def test_a_total_is_replaced_by_its_next_version_only(ledger: Ledger) -> None:
    """Two runs at once tell people of a used budget once."""
    assert ledger.write_total(MonthTotal(month="2026-11", usd=12.5, warned_percent=80))
    seen = ledger.total("2026-11")

    assert MonthTotal(month="2026-11", usd=12.5, warned_percent=80, version=1) == seen
    assert ledger.write_total(replace(seen, usd=13.0))
    assert not ledger.write_total(replace(seen, usd=14.0))
    assert 13.0 == ledger.total("2026-11").usd


def test_more_models_are_read_than_one_batch_holds(ledger: Ledger) -> None:
    """DynamoDB takes 100 keys at once."""
    names = [f"model-{number}" for number in range(130)]
    assert ledger.write(replace(NOVEMBER, model_id=names[-1]))

    found = ledger.months(names, ["2026-11"])

    assert 130 == len(found)
    assert 1 == found[names[-1], "2026-11"].version


@pytest.fixture(params=["dynamodb", "memory"])
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A table that has nothing in it yet."""
    with mock_aws():
        yield create_table(DEPLOYMENTS) if request.param == "dynamodb" else a_counting_table()


def with_ledger(client: Any) -> tuple[DynamoDeploymentStore, Deployment, ModelState]:
    """Return the table as a store, with one deployment, and its state before there was a ledger."""
    store, ledger = DynamoDeploymentStore(client, DEPLOYMENTS), DynamoLedger(client, DEPLOYMENTS)
    deployment = a_deployment()
    store.add(deployment)
    set_desired(store, deployment)
    before = store.state("iris")
    for name in ("iris", "gone", NOBODY):
        assert ledger.write(replace(NOVEMBER, model_id=name))
    assert ledger.write_total(MonthTotal(month="2026-11"))
    return store, deployment, before


def test_records_are_read_as_if_there_were_no_ledger(client: Any) -> None:
    """It is no record, and none that cannot be read."""
    store, _, before = with_ledger(client)

    assert before == store.state("iris")
    assert [before] == list(store.states())
    assert ["iris"] == [each.model_id for each in store.overview()]


def test_no_list_shows_the_ledger() -> None:
    """Neither the list of models nor a model's history."""
    with mock_aws():
        client = create_table(DEPLOYMENTS)
        _, deployment, _ = with_ledger(client)

        history = DynamoDeploymentHistory(client, DEPLOYMENTS).page("iris", limit=9)
        listed = DynamoModelListing(client, DEPLOYMENTS).page(limit=9)

        assert [deployment.id] == [each.id for each in history.deployments]
        assert ["iris"] == [each.model_id for each in listed.models]


def test_reading_a_models_records_does_not_cost_more() -> None:
    """The query ends before the ledger."""
    tally = Tally()
    client = a_counting_table(tally)
    store = DynamoDeploymentStore(client, DEPLOYMENTS)
    store.add(a_deployment())
    endpoints = {f"endpoint-{number}": COST for number in range(200)}
    assert DynamoLedger(client, DEPLOYMENTS).write(replace(NOVEMBER, endpoints=endpoints))
    before = tally.reads

    store.state("iris")

    assert 1 == tally.reads - before


def test_items_expire_13_months_after_their_month() -> None:
    """By DynamoDB, which reads the attribute `expiration`."""
    client = a_counting_table()
    DynamoLedger(client, DEPLOYMENTS).write(NOVEMBER)

    answer = client.get_item(
        TableName=DEPLOYMENTS,
        Key={"model_id": {"S": "iris"}, "id": {"S": "usd#2026-11"}},
        ConsistentRead=True,
    )

    expires_at = datetime.fromtimestamp(int(answer["Item"]["expiration"]["N"]), UTC)
    assert datetime(2028, 1, 1, tzinfo=UTC) == expires_at
