"""`GET /models/{model_id}`: the public description of one model."""

import json
from collections.abc import Callable
from datetime import timedelta
from math import inf

import pytest

from functions.common.circuits.state import CircuitState, Phase
from functions.common.deployments.record import (
    Change,
    Comparison,
    RequestedBy,
    Status,
    TimelineEntry,
)
from tests.aws_failures import FAILURES
from tests.builders import NOON, a_deployment, a_live_deployment
from tests.events import event
from tests.unit.describe.describing import LIVE, Describing


def test_a_model_shows_its_deployments_newest_first(api: Describing) -> None:
    """Version and schemas are the serving deployment's, also while another is in progress."""
    entry = TimelineEntry(step="validate", time=NOON, outcome="valid")
    coming = a_deployment(
        model_version="2", requested_at=NOON + timedelta(hours=1), timeline=(entry,)
    )
    api.store.add(coming)

    status, answer = api.get("/models/iris")

    assert (200, "1", "deployed") == (status, answer["model_version"], answer["status"])
    assert LIVE.contract.inputs == answer["input_schema"]
    assert [coming.id, LIVE.id] == [each["id"] for each in answer["deployments"]]
    assert [{"step": "validate", "time": "2026-11-22T12:00:00.000000Z", "outcome": "valid"}] == (
        answer["deployments"][0]["timeline"]
    )


def test_info_is_another_name_for_the_model(api: Describing) -> None:
    """Earlier clients use `/info`."""
    assert api.get("/models/iris") == api.get("/models/iris/info")


def test_a_percent_encoded_name_is_decoded_once(api: Describing) -> None:
    """API Gateway passes the path on as it was sent."""
    api.store.add(a_live_deployment(model_id="Grüße an 100%"))

    _, answer = api.get("/models/Gr%C3%BC%C3%9Fe%20an%20100%25")

    assert "Grüße an 100%" == answer["model_id"]


@pytest.mark.parametrize("path", ["", "/openapi.json"])
def test_a_model_shows_nothing_of_the_providers(api: Describing, path: str) -> None:
    """The answer has no address, name, repository or secret of the endpoint."""
    text = json.dumps(api.get(f"/models/iris{path}"))

    for hidden in (
        LIVE.endpoint.url,
        LIVE.endpoint.name,
        LIVE.endpoint.secret,
        LIVE.package.repository,
    ):
        assert hidden
        assert hidden not in text


def test_a_deployment_shows_who_requested_it_and_every_step(api: Describing) -> None:
    """A deployment that reuses an endpoint has only some of the steps."""
    steps = {
        "validate": "reuses the endpoint that still stands",
        "check": "ready",
        "verify": "verified",
        "activate": "activated",
    }
    timeline = tuple(
        TimelineEntry(step=step, time=NOON, outcome=outcome) for step, outcome in steps.items()
    )
    reusing = a_deployment(
        requested_at=NOON + timedelta(hours=1),
        origin=RequestedBy.OPERATOR,
        adopted_from=LIVE.id,
        endpoint_name=LIVE.endpoint.name,
        timeline=timeline,
    )
    api.store.add(reusing)

    _, answer = api.get("/models/iris")

    moment = "2026-11-22T13:00:00.000000Z"
    assert {
        "id": reusing.id,
        "model_version": "1",
        "status": "deploying",
        "origin": "operator",
        "requested_at": moment,
        "updated_at": moment,
        "reason": None,
        "retryable": False,
        "timeline": [
            {"step": step, "time": "2026-11-22T12:00:00.000000Z", "outcome": outcome}
            for step, outcome in steps.items()
        ],
        "changed_from": None,
        "changes": None,
    } == answer["deployments"][0]


def test_a_deployment_shows_what_it_changes_for_callers(api: Describing) -> None:
    """On the page of its model and alone, whether it broke them or not."""
    change = Change(text="The column `b` is gone.", breaking=True, place="b")
    compared = Comparison(version="1", changes=(change,))
    entry = TimelineEntry(step="validate", time=NOON, outcome="failed", compared=compared)
    coming = a_deployment(
        model_version="2", requested_at=NOON + timedelta(hours=1), timeline=(entry,)
    )
    api.store.add(coming)

    _, answer = api.get("/models/iris")

    shown = answer["deployments"][0]
    expected = [{"text": "The column `b` is gone.", "breaking": True, "place": "b"}]
    assert ("1", expected) == (shown["changed_from"], shown["changes"])
    assert {"step", "time", "outcome"} == shown["timeline"][0].keys()
    alone = api.get(f"/models/iris/deployments/{coming.id}")[1]
    assert expected == alone["changes"]


def test_a_model_that_failed_shows_the_reason(api: Describing) -> None:
    """It also does when no version was ever live."""
    api.store.add(a_deployment(model_id="wine", status=Status.FAILED, reason="No signature."))

    _, answer = api.get("/models/wine")

    assert ("failed", "No signature.") == (answer["status"], answer["deployments"][0]["reason"])


@pytest.mark.parametrize(
    ("state", "circuit"),
    [
        (CircuitState(), "closed"),
        (CircuitState(phase=Phase.OPEN), "open"),
        (CircuitState(phase=Phase.OPEN, probing=True, next_probe_at=inf), "half_open"),
    ],
)
def test_a_model_shows_the_circuit_of_the_serving_deployment(
    api: Describing, state: CircuitState, circuit: str
) -> None:
    """The values are closed, half_open and open."""
    api.circuit_states.kept[LIVE.id] = state

    assert circuit == api.get("/models/iris")[1]["circuit"]


def test_a_model_of_which_nothing_serves_has_no_circuit(api: Describing) -> None:
    """The circuit is null: there is no endpoint to call."""
    api.store.add(a_deployment(model_id="wine"))

    assert api.get("/models/wine")[1]["circuit"] is None


@pytest.mark.parametrize("name", ["nowhere", "a%2Fb", "a%3Ab", "n" * 257, "%00", "%FF"])
@pytest.mark.parametrize("path", ["", "/info", "/openapi.json"])
def test_an_unknown_model_is_404(api: Describing, name: str, path: str) -> None:
    """Names that MLflow cannot have are unknown too."""
    status, answer = api.get(f"/models/{name}{path}")

    assert (404, "model_not_found") == (status, answer["code"])


@pytest.mark.parametrize(
    "path", ["/models", "/models/iris", "/models/iris/info", "/models/iris/openapi.json"]
)
@pytest.mark.parametrize(
    ("context", "status", "code"),
    [
        ({"has_sufficient_balance": "false"}, 402, "insufficient_balance"),
        ({"rate_limited": "true"}, 429, "rate_limited"),
        (None, 401, "unauthorized"),
    ],
)
def test_a_key_without_balance_or_rate_is_refused(
    api: Describing, path: str, context: dict[str, str] | None, status: int, code: str
) -> None:
    """Every route about models refuses it, and a call without an authorizer's context."""
    recorded = event("describe")["requestContext"]

    answer = api.call(path, requestContext=recorded | {"authorizer": context})

    assert (status, code) == (answer[0], answer[1]["code"])


@pytest.mark.parametrize("path", ["/models", "/models/iris", "/models/iris/openapi.json"])
@pytest.mark.parametrize("error", FAILURES, ids=str)
def test_a_table_that_does_not_answer_is_503(api: Describing, path: str, error: Exception) -> None:
    """Reading can be tried again, and says when."""
    api.store.error = error

    status, answer, headers = api.call(path)

    assert (503, "service_unavailable") == (status, answer["code"])
    assert "5" == headers["Retry-After"]


def test_an_unexpected_error_is_500_without_its_message(
    api: Describing, logged: Callable[[], str]
) -> None:
    """The message is in the log only."""
    api.store.error = ConnectionError("to table 10.0.0.1")

    status, answer = api.get("/models/iris")

    assert (500, "internal_error") == (status, answer["code"])
    assert "10.0.0.1" not in answer["detail"]
    assert "10.0.0.1" in logged()
