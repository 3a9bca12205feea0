"""Deploying a version and redriving a failed deployment."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import RequestedBy, Status
from functions.operate import handler as operations_handler
from tests.builders import a_deployment
from tests.events import LambdaContext, event
from tests.unit.operate.operating import (
    API_URL,
    FAILED,
    LIVE,
    NOW,
    Operating,
)


@pytest.mark.parametrize("version", ["3", 3])
def test_deploying_makes_the_newest_request(operating: Operating, version: str | int) -> None:
    """The answer is 202 only after desired item, record and execution exist."""
    status, answer = operating.deploy({"model_version": version})

    record = operating.store.deployments[answer["deployment_id"]]
    assert 202 == status
    assert {
        "model_id": "iris",
        "model_version": "3",
        "deployment_id": record.id,
        "status": "accepted",
    } == answer
    assert (RequestedBy.OPERATOR, NOW, "3") == (
        record.origin,
        record.requested_at,
        record.model_version,
    )
    assert DesiredDeployment.of(record) == operating.store.desired_deployments["iris"]
    assert [("iris", record.id)] == operating.workflow.started


@pytest.mark.parametrize(("said", "kept"), [({}, None), (True, True), (False, None)])
def test_an_operator_may_let_a_version_break_callers(
    operating: Operating, said: Any, kept: bool | None
) -> None:
    """The record has it, for the workflow and for the reconciler's next attempts."""
    body = {"model_version": "3"} | ({"allow_breaking": said} if said != {} else {})

    status, answer = operating.deploy(body)

    assert 202 == status
    assert kept is operating.store.deployments[answer["deployment_id"]].allow_breaking


@pytest.mark.usefixtures("operating")
def test_the_answer_names_the_address_of_the_deployment() -> None:
    """Also for a name that an address spells otherwise, and for a redrive."""
    request = event(
        "operations",
        httpMethod="POST",
        path="/api/v1/models/Gr%C3%BC%C3%9Fe/deployments",
        body='{"model_version": "3"}',
    )
    redrive = event(
        "operations",
        httpMethod="POST",
        path=f"/api/v1/models/iris/deployments/{FAILED.id}/redrive",
    )
    for each, model in ((request, "Gr%C3%BC%C3%9Fe"), (redrive, "iris")):
        answer = operations_handler.lambda_handler(each, LambdaContext())

        id_ = json.loads(answer["body"])["deployment_id"]
        expected = f"{API_URL}/models/{model}/deployments/{id_}"
        assert [expected] == answer["multiValueHeaders"]["Location"]


def test_the_live_version_can_be_deployed_again(operating: Operating) -> None:
    """As a new deployment, while the live one continues to serve."""
    _, answer = operating.deploy({"model_version": LIVE.model_version})

    assert LIVE.id != answer["deployment_id"]
    assert LIVE.id == operating.store.live_ids["iris"]


@pytest.mark.parametrize("standing_at", [NOW, NOW + timedelta(seconds=30)])
def test_an_operators_request_is_newer_than_the_desired_one(
    operating: Operating, standing_at: datetime
) -> None:
    """Even if MLflow's clock is ahead of ours."""
    ahead = a_deployment(model_version="9", requested_at=standing_at)
    operating.store.desired_deployments["iris"] = DesiredDeployment.of(ahead)

    _, answer = operating.deploy({"model_version": "1"})
    assert answer["deployment_id"] == operating.store.desired_deployments["iris"].deployment_id

    operating.undeploy()
    assert operating.store.desired_deployments["iris"].deployment_id is None
    assert operating.store.desired_deployments["iris"].requested_at > standing_at


def test_a_percent_encoded_name_is_decoded_once(operating: Operating) -> None:
    """REST APIs pass the path on as it was sent."""
    _, answer = operating.deploy({"model_version": "1"}, "Gr%C3%BC%C3%9Fe%20an%20100%25")

    assert "Grüße an 100%" == answer["model_id"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "invalid_json"),
        ("{", "invalid_json"),
        ("[]", "invalid_request"),
        ("{}", "invalid_request"),
        ({"model_version": "3", "force": True}, "invalid_request"),
        ({"model_version": "3", "allow_breaking": "yes"}, "invalid_request"),
        ({"model_version": "3", "allow_breaking": 1}, "invalid_request"),
        ({"model_version": "3", "allow_breaking": None}, "invalid_request"),
        ({"allow_breaking": True}, "invalid_request"),
        ({"version": "3"}, "invalid_request"),
        *[
            ({"model_version": version}, "invalid_request")
            for version in (
                *("", "latest", "v3", "0", "03", "-1", "3\n", "³", "٣", "1" * 11),
                *(0, -1, 3.0, True, None, ["3"], 10**10),
            )
        ],
    ],
)
def test_a_body_that_names_no_version_is_400(operating: Operating, body: Any, code: str) -> None:
    """Nothing is written."""
    status, answer = operating.deploy(body)

    assert (400, code) == (status, answer["code"])
    assert [] == operating.workflow.started


def test_another_media_type_is_415(operating: Operating) -> None:
    """As for predictions."""
    status, answer = operating.deploy("model_version=3", headers={"content-type": "text/plain"})

    assert (415, "unsupported_media_type") == (status, answer["code"])


@pytest.mark.parametrize("name", ["a%2Fb", "a%3Ab", "x" * 257])
def test_a_name_that_no_model_can_have_is_400(operating: Operating, name: str) -> None:
    """MLflow does not allow such names."""
    status, answer = operating.deploy({"model_version": "1"}, name)

    assert (400, "invalid_request") == (status, answer["code"])
    assert [] == operating.workflow.started


def test_a_redrive_allows_what_was_allowed(operating: Operating) -> None:
    """It is the same request once more."""
    operating.store.deployments[FAILED.id] = replace(FAILED, allow_breaking=True)

    _, answer = operating.redrive(FAILED.id)

    assert operating.store.deployments[answer["deployment_id"]].allow_breaking


def test_a_failed_deployment_is_redriven(operating: Operating) -> None:
    """As a new deployment of the same version."""
    status, answer = operating.redrive(FAILED.id)

    record = operating.store.deployments[answer["deployment_id"]]
    assert (202, "accepted", "2") == (status, answer["status"], answer["model_version"])
    assert FAILED.id != record.id
    assert (Status.PENDING, RequestedBy.OPERATOR) == (record.status, record.origin)
    assert record.id == operating.store.desired_deployments["iris"].deployment_id
    assert FAILED == operating.store.deployments[FAILED.id]


def test_only_a_failed_deployment_is_redriven(operating: Operating) -> None:
    """The message names its status."""
    status, answer = operating.redrive(LIVE.id)

    assert (400, "invalid_request") == (status, answer["code"])
    assert "this one is deployed" in answer["detail"]
    assert [] == operating.workflow.started


@pytest.mark.parametrize(
    ("model", "id_"),
    [("iris", "nowhere"), ("wine", FAILED.id), ("iris", "live"), ("iris", "desired")],
)
def test_an_unknown_deployment_is_404(operating: Operating, model: str, id_: str) -> None:
    """The table's other items are not deployments."""
    status, answer = operating.redrive(id_, model)

    assert (404, "not_found") == (status, answer["code"])
