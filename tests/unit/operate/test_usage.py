"""`GET /models/{model_id}/usage`: figures by day, user and month."""

from dataclasses import replace
from datetime import date, timedelta
from json import loads

import pytest
from jsonschema import Draft202012Validator

from functions.common.ledger.model_month import EndpointCost, ModelMonth
from functions.common.usage.figures import Figures, ModelDay
from functions.describe.openapi.api_document import api_document
from functions.operate.model_usage import MOST_USERS
from tests.builders import NOON, changed
from tests.unit.operate.operating import LIVE, Operating

TODAY = NOON.date()
ADA = Figures(
    calls=4,
    faults=1,
    refusals=1,
    latency_us=10_000,
    provider_us=2 * 3_600_000_000,
    bytes_in=400,
    bytes_out=40,
)
ZOE = replace(ADA, calls=1, faults=0, refusals=0, provider_us=3_600_000_000)
COST = EndpointCost(usd=10.0, since=NOON, seen_at=NOON, usd_per_hour=0.5)


def a_day(day: date, **users: Figures) -> ModelDay:
    return ModelDay(model_id="iris", day=day, complete=day < TODAY, users=users)


@pytest.fixture(autouse=True)
def stored(operating: Operating) -> None:
    """Two users on two days of November, one on the last of October; an endpoint in November."""
    for day in (
        a_day(TODAY, ada=ADA),
        a_day(TODAY - timedelta(days=1), ada=ADA, zoë=ZOE),
        a_day(date(2026, 10, 31), zoë=ZOE),
    ):
        operating.usage.write(day)
    operating.ledger.write(ModelMonth(model_id="iris", month="2026-11", endpoints={"one": COST}))
    # Two replicas at most, of a dollar an hour each.
    operating.store.deployments[LIVE.id] = changed(LIVE, hourly_cost_usd=2.0, max_replicas=2)


def test_figures_are_those_of_the_days(operating: Operating) -> None:
    """In all, by day and by user, the busiest first."""
    status, answer = operating.get_usage(**{"from": "2026-11-01", "to": TODAY.isoformat()})

    assert 200 == status
    assert {
        "calls": 9,
        "predictions": 5,
        "faults": 2,
        "refusals": 2,
        "average_ms": 3.3,
        "average_provider_ms": 2_000_000.0,
        "bytes_in": 1200,
        "bytes_out": 120,
    } == answer["total"]
    assert [("2026-11-21", True, 5), ("2026-11-22", False, 4)] == [
        (each["day"], each["complete"], each["calls"]) for each in answer["days"]
    ]
    assert [("ada", 8), ("zoë", 1)] == [(each["user"], each["calls"]) for each in answer["users"]]
    assert answer["other_users"] is None


def test_the_answer_is_as_documented(operating: Operating) -> None:
    """With figures and without."""
    document = loads(api_document("https://api.example"))
    schema = document | {"$ref": "#/components/schemas/ModelUsage"}
    for query in ({}, {"from": "2026-11-19", "to": "2026-11-19"}):
        _, answer = operating.get_usage(**query)
        Draft202012Validator(schema).validate(answer)
        assert {*document["components"]["schemas"]["ModelUsage"]["properties"]} == answer.keys()


def test_dollars_are_split_by_the_endpoints_time(operating: Operating) -> None:
    """Four of five busy hours are Ada's; the rest of the ten dollars paid for waiting."""
    _, answer = operating.get_usage(**{"from": "2026-11-20"})

    (november,) = answer["months"]
    assert {
        "month": "2026-11",
        "usd": 10.0,
        "predictions": 5,
        "usd_per_1000_predictions": 2000.0,
        "busy_usd": 5.0,
        "idle_usd": 5.0,
        "users": [{"user": "ada", "busy_usd": 4.0}, {"user": "zoë", "busy_usd": 1.0}],
        "other_users_busy_usd": 0.0,
    } == november


def test_costs_are_of_whole_months(operating: Operating) -> None:
    """Of each month in which one of the days is: the ledger has no days."""
    _, answer = operating.get_usage(**{"from": "2026-10-30", "to": "2026-11-01"})

    assert ["2026-10-31"] == [each["day"] for each in answer["days"]]
    assert [("2026-10", 1, 0.0), ("2026-11", 5, 10.0)] == [
        (each["month"], each["predictions"], each["usd"]) for each in answer["months"]
    ]


def test_calls_side_by_side_cost_no_more_than_the_endpoint(operating: Operating) -> None:
    """They share a replica."""
    operating.usage.write(a_day(TODAY, ada=replace(ADA, provider_us=10**12)))

    (november,) = operating.get_usage()[1]["months"][-1:]

    assert (10.0, 0.0) == (november["busy_usd"], november["idle_usd"])
    assert 10.0 == pytest.approx(sum(each["busy_usd"] for each in november["users"]))


def test_without_a_live_endpoint_the_price_is_what_one_cost_last(operating: Operating) -> None:
    """The ledger has it while the endpoint stands."""
    operating.store.live_ids.clear()

    assert 2.5 == operating.get_usage()[1]["months"][-1]["busy_usd"]


def test_without_any_price_nothing_is_split(operating: Operating) -> None:
    """The dollars of all are known all the same."""
    operating.store.live_ids.clear()
    month = operating.ledger.month("iris", "2026-11")
    operating.ledger.write(replace(month, endpoints={"one": replace(COST, usd_per_hour=0.0)}))

    november = operating.get_usage()[1]["months"][-1]

    assert (10.0, None, None, []) == tuple(
        november[name] for name in ("usd", "busy_usd", "idle_usd", "users")
    )


def test_an_answer_names_the_busiest_users(operating: Operating) -> None:
    """The others are one."""
    users = {f"u{n}": replace(ADA, provider_us=n) for n in range(MOST_USERS + 2)}
    operating.usage.write(a_day(TODAY, **users))

    _, answer = operating.get_usage(**{"from": TODAY.isoformat()})

    assert [f"u{MOST_USERS + 1}", f"u{MOST_USERS}"] == [u["user"] for u in answer["users"][:2]]
    assert (MOST_USERS, 8) == (len(answer["users"]), answer["other_users"]["calls"])
    assert 4 * (MOST_USERS + 2) == answer["total"]["calls"]


def test_the_default_is_the_last_30_days(operating: Operating) -> None:
    """Up to today, in UTC."""
    _, answer = operating.get_usage()

    assert ("2026-10-24", "2026-11-22") == (answer["from"], answer["to"])


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"from": "yesterday"}, "from is a day such as"),
        ({"to": "2026-02-30"}, "to is a day such as"),
        ({"from": ""}, "from is a day such as"),
        ({"to": "20261101"}, "to is a day such as"),
        ({"to": "2026-11-23"}, "to is today, in UTC, or earlier"),
        ({"from": "2026-11-22", "to": "2026-11-21"}, "from is the same day as to, or earlier"),
        ({"from": "2026-08-22", "to": "2026-11-22"}, "at most 92 days"),
    ],
)
def test_days_that_are_none_are_refused(
    operating: Operating, query: dict[str, str], words: str
) -> None:
    """Each by what is wrong with it."""
    status, answer = operating.get_usage(**query)

    assert (400, "invalid_request") == (status, answer["code"])
    assert words in answer["detail"]


def test_92_days_are_answered(operating: Operating) -> None:
    """And are those of four months at most."""
    status, answer = operating.get_usage(**{"from": "2026-08-23", "to": "2026-11-22"})

    assert 200 == status
    assert ["2026-08", "2026-09", "2026-10", "2026-11"] == [m["month"] for m in answer["months"]]


def test_a_model_that_nobody_knows_is_404(operating: Operating) -> None:
    """One that is gone is known by its usage, one without usage by its records."""
    assert "model_not_found" == operating.get_usage("wine")[1]["code"]

    operating.usage.write(replace(a_day(TODAY, ada=ADA), model_id="wine"))
    assert 200 == operating.get_usage("wine")[0]

    operating.usage.kept.clear()
    status, answer = operating.get_usage("iris")
    assert (200, [], None) == (status, answer["days"], answer["total"]["average_ms"])
