"""Undeploying a model."""

from dataclasses import replace

import pytest

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.record import RequestedBy
from tests.unit.operate.operating import (
    NOW,
    Operating,
)


def test_undeploying_desires_nothing_and_reconciles(operating: Operating) -> None:
    """The request is stored; the reconciler undeploys the model and reads the alias."""
    standing = replace(operating.store.desired_deployments["iris"], registry_version="2")
    operating.store.desired_deployments["iris"] = standing

    answered = operating.undeploy()

    assert (202, {"model_id": "iris", "status": "accepted"}) == answered
    assert ["iris"] == operating.reconciliation.requested
    assert (
        DesiredDeployment(
            model_id="iris",
            deployment_id=None,
            model_version=None,
            requested_at=NOW,
            origin=RequestedBy.OPERATOR,
            user_id="user-1",
        )
        == operating.store.desired_deployments["iris"]
    )


def test_undeploying_a_model_without_a_desired_deployment(operating: Operating) -> None:
    """Its records are older than the desired item."""
    del operating.store.desired_deployments["iris"]

    assert 202 == operating.undeploy()[0]
    assert operating.store.desired_deployments["iris"].deployment_id is None


def test_undeploying_reads_again_if_the_desired_deployment_changes(
    operating: Operating, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that arrives meanwhile is not overlooked."""
    answers = [None, operating.store.desired_deployments["iris"]]
    monkeypatch.setattr(operating.store, "desired", lambda _model_id: answers.pop(0))

    assert 202 == operating.undeploy()[0]
    assert operating.store.desired_deployments["iris"].deployment_id is None


def test_undeploying_an_unknown_model_is_404(operating: Operating) -> None:
    """Nothing is written."""
    status, answer = operating.undeploy("nowhere")

    assert (404, "model_not_found") == (status, answer["code"])
    assert "nowhere" not in operating.store.desired_deployments
