"""`GET /models/{model_id}`: the deployments of a model, page by page, at a bounded cost."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.dynamodb_history import DynamoDeploymentHistory
from functions.common.deployments.dynamodb_listing import DynamoModelListing
from functions.common.deployments.history_index import position_of
from functions.common.deployments.record import Deployment, Status
from functions.common.ledger.dynamodb import DynamoLedger
from functions.common.usage.dynamodb import DynamoUsageStore
from functions.describe.bootstrap import DescribePorts
from functions.describe.paging import cursor_after
from tests.builders import NOON, a_deployment, set_desired
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.table_reads import TableReads
from tests.tables import DEPLOYMENTS, create_table
from tests.unit.describe.describing import LIVE, Describing, use


def failed(number: int, **changes: Any) -> Deployment:
    """Return a deployment that was requested *number* minutes after the live one."""
    return a_deployment(
        requested_at=NOON + timedelta(minutes=number), status=Status.FAILED, reason="No.", **changes
    )


def add_failed(api: Describing, count: int) -> list[str]:
    """Add *count* deployments; return the ids of all that the model has, the newest first."""
    added = [failed(number) for number in range(1, count + 1)]
    for deployment in added:
        api.store.add(deployment)
    return [*(each.id for each in reversed(added)), LIVE.id]


def pages(api: Describing, **query: str) -> list[dict[str, Any]]:
    """Return every page, by following the cursors."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        status, answer = api.get("/models/iris", **query, **cursor)
        assert 200 == status, answer
        found.append(answer)
        if "next_cursor" not in answer:
            return found
        cursor = {"cursor": answer["next_cursor"]}


def ids(page: dict[str, Any]) -> list[str]:
    return [each["id"] for each in page["deployments"]]


def test_cursors_lead_through_all_deployments(api: Describing) -> None:
    """Every page shows the model alike: the serving deployment stands for it, on whichever page."""
    newest_first = add_failed(api, 6)

    found = pages(api, limit="3")

    assert [newest_first[:3], newest_first[3:6], newest_first[6:]] == [ids(each) for each in found]
    for page in found:
        assert ("deployed", LIVE.contract.inputs) == (page["status"], page["input_schema"])
        assert "closed" == page["circuit"]


def test_a_page_has_twenty_deployments_by_default(api: Describing) -> None:
    """It has a hundred at most."""
    add_failed(api, 120)

    assert [20] * 6 + [1] == [len(ids(page)) for page in pages(api)]
    assert [100, 21] == [len(ids(page)) for page in pages(api, limit="100")]


def test_deployments_requested_meanwhile_move_no_page(api: Describing) -> None:
    """A cursor is the place of a deployment, also of one that was deleted since."""
    newest_first = add_failed(api, 4)
    _, first = api.get("/models/iris", limit="2")
    api.store.add(failed(5))
    del api.store.deployments[newest_first[1]]

    _, second = api.get("/models/iris", limit="2", cursor=first["next_cursor"])

    assert newest_first[2:4] == ids(second)


@pytest.mark.parametrize("path", ["/models", "/models/iris"])
@pytest.mark.parametrize(
    "query",
    [
        *({"limit": text} for text in ("0", "101", "-1", "1.5", "", "ten", "٣", "1" * 5000)),
        *({"cursor": text} for text in ("", "?", "aXJpcw", "é", "\ud800", "a" * 5000)),
        {"cursor": urlsafe_b64encode(b"1\xff").decode()},
        {"cursor": cursor_after("iris") + "="},
        {"cursor": urlsafe_b64encode(b"1" + b"n" * 300).decode()},
    ],
    ids=str,
)
def test_bad_values_are_refused(api: Describing, path: str, query: dict[str, str]) -> None:
    """Only whole numbers from 1 to 100, and cursors that the list has returned, are taken."""
    status, answer = api.get(path, **query)

    assert (400, "invalid_request") == (status, answer["code"])


def test_a_cursor_of_another_list_is_refused(api: Describing) -> None:
    """Models and deployments have different ones."""
    assert 400 == api.get("/models/iris", cursor=cursor_after("iris"))[0]
    assert 400 == api.get("/models", cursor=cursor_after(position_of(LIVE)))[0]


def test_an_unknown_model_has_no_page(api: Describing) -> None:
    """Not even with a cursor."""
    status, answer = api.get("/models/wine", cursor=cursor_after(position_of(LIVE)))

    assert (404, "model_not_found") == (status, answer["code"])


def test_the_newest_that_can_be_read_stands_for_a_model_that_serves_nothing(
    api: Describing,
) -> None:
    """A broken record hides no other."""
    readable, broken = (failed(number, model_id="wine") for number in (1, 2))
    for deployment in (readable, broken):
        api.store.add(deployment)
    api.store.unreadable.add(broken.id)

    _, answer = api.get("/models/wine")

    assert ([readable.id], "failed") == (ids(answer), answer["status"])


@pytest.mark.parametrize("path", ["", "/openapi.json"])
def test_a_live_record_that_cannot_be_read_is_500(api: Describing, path: str) -> None:
    """Another deployment would say what the model is not."""
    api.store.add(failed(1))
    api.store.unreadable.add(LIVE.id)

    assert 500 == api.get(f"/models/iris{path}")[0]


class OnDynamoDB:
    """The handler on a table with a model that has *count* old deployments."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, count: int) -> None:
        client: Any = boto3.client("dynamodb", region_name="us-east-1")
        create_table(DEPLOYMENTS, client)
        store = DynamoDeploymentStore(client, DEPLOYMENTS)
        for number in range(count):
            store.add(failed(number, input_example={"inputs": ["x" * 3_000]}))
        self.store, self.client, self.api = store, client, Describing()
        ports = DescribePorts(
            deployments=store,
            history=DynamoDeploymentHistory(client, DEPLOYMENTS),
            listing=DynamoModelListing(client, DEPLOYMENTS),
            circuit_states=FakeCircuitStateStore(),
            ledger=DynamoLedger(client, DEPLOYMENTS),
            usage=DynamoUsageStore(client, DEPLOYMENTS),
        )
        use(ports, monkeypatch)

    def go_live(self) -> None:
        live = a_deployment(requested_at=NOON - timedelta(days=1))
        self.store.add(live)
        set_desired(self.store, live)
        self.store.activate(live)

    def reads(self, path: str, **query: str) -> tuple[dict[str, int], int, int]:
        """Return the requests to read, the items in their answers, and the bytes of those."""
        reads = TableReads(self.client)
        assert 200 == self.api.get(path, **query)[0]
        return dict(reads.requests), reads.items, reads.item_bytes


def read_with(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> dict[str, tuple[dict[str, int], int, int]]:
    """Return what each route reads of a model with *count* old deployments, by its case."""
    with mock_aws():
        table = OnDynamoDB(monkeypatch, count=count)
        cursor = cursor_after(position_of(failed(count - 5)))
        cases = {
            "page": table.reads("/models/iris"),
            "next page": table.reads("/models/iris", cursor=cursor),
            "document": table.reads("/models/iris/openapi.json"),
        }
        table.go_live()
        return cases | {
            "live page": table.reads("/models/iris"),
            "live document": table.reads("/models/iris/openapi.json"),
        }


def test_a_long_history_costs_a_request_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty old deployments or three hundred: the same requests, items and bytes."""
    short, long = read_with(30, monkeypatch), read_with(300, monkeypatch)

    assert short == long
    requests = {case: requests for case, (requests, _, _) in long.items()}
    items = {case: items for case, (_, items, _) in long.items()}
    # One of them is of the ledger, in which this model has nothing.
    assert {"GetItem": 2, "Query": 1} == requests["live page"]
    assert {"GetItem": 1} == requests["live document"]
    # Nothing serves: the live item is asked for in vain, then the newest is found and read.
    assert {"GetItem": 3, "Query": 2} == requests["page"] == requests["next page"]
    assert (22, 1) == (items["live page"], items["live document"])
    assert (33, 33, 12) == (items["page"], items["next page"], items["document"])
