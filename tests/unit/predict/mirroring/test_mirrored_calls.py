"""Calls of a live deployment that names a candidate, from API Gateway's event to the answer."""

import json
from typing import Any

import pytest

from functions.common.deployments.agreement import ComparedCandidate
from functions.common.errors import ModelFailedError
from functions.predict import handler
from functions.predict.bootstrap import PredictPorts, bootstrap
from functions.predict.settings import PredictSettings
from tests.events import LambdaContext, event
from tests.fakes.call_counts import FakeCallCountStore
from tests.fakes.circuit_states import FakeCircuitStateStore
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.inference_client import FakeInferenceClient
from tests.fakes.leases import FakeLeaseStore
from tests.fakes.wait_counts import FakeWaitCounts
from tests.unit.predict.mirroring.test_copies import FakeSender
from tests.unit.predict.test_handler import LIVE

BODY = '{"inputs": [[5.1, 3.5, 1.4, 0.2]]}'
FOR_EVER = 4_000_000_000


class Predicting:
    """The handler on fakes; each call is copied while `name_candidate` was called."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.store = FakeDeploymentStore(LIVE)
        self.inference = FakeInferenceClient([0.5])
        self.sender = FakeSender()
        ports = PredictPorts(
            deployments=self.store,
            inference=self.inference,
            circuit_states=FakeCircuitStateStore(),
            leases=FakeLeaseStore(),
            wait_counts=FakeWaitCounts(),
            call_counts=FakeCallCountStore(),
            request_reconciliation=lambda _model: None,
            make_mirror=lambda: self.sender,
        )
        settings = PredictSettings(
            table_name="t", state_table_name="s", reconcile_function="r", lookup_max_age_s=0
        )
        function = bootstrap(ports, settings, logger=handler.logger)
        patch.setattr(handler, "predict_function", lambda: function)

    def name_candidate(self) -> None:
        candidate = ComparedCandidate(id="d2", calls_per_1000=1_000, until=FOR_EVER)
        assert self.store.name_candidate(LIVE, candidate)

    def call(self, **headers: str) -> dict[str, Any]:
        sent = event("predict", body=BODY)
        sent["headers"] = {**sent["headers"], **headers}
        return handler.lambda_handler(sent, LambdaContext())


@pytest.fixture
def it(monkeypatch: pytest.MonkeyPatch) -> Predicting:
    return Predicting(monkeypatch)


def mirrored(capsys: pytest.CaptureFixture[str]) -> object:
    """Return what the call's line says of its copy; None when it says nothing."""
    (line,) = (json.loads(each) for each in capsys.readouterr().out.splitlines() if "Fault" in each)
    return line.get("mirrored")


def test_a_copy_of_an_answered_call_is_sent(
    it: Predicting, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the answer that the caller gets; the line of the call says so."""
    it.name_candidate()

    answer = it.call()

    assert 200 == answer["statusCode"]
    assert mirrored(capsys) is True
    (copy,) = it.sender.events
    assert (BODY, "[0.5]", LIVE.id, "d2") == (
        copy["body"],
        copy["answer"],
        copy["live_id"],
        copy["candidate_id"],
    )


def test_without_a_candidate_nothing_is_asked_of_a_call(
    it: Predicting, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not even whether the function could be reached."""
    it.call()

    assert (0, []) == (it.sender.prepared, it.sender.events)
    assert mirrored(capsys) is None


def test_a_call_without_an_answer_is_not_sent(it: Predicting) -> None:
    """There is nothing to compare with."""
    it.name_candidate()
    it.inference.error = ModelFailedError("It failed.")

    assert 502 == it.call()["statusCode"]
    assert [] == it.sender.events


def test_a_copy_that_fails_is_no_failure_of_the_call(
    it: Predicting, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answer is the caller's all the same."""
    it.name_candidate()
    it.sender.error = OSError("gone")

    assert 200 == it.call()["statusCode"]
    assert mirrored(capsys) is False


def test_an_answer_that_is_repeated_is_not_sent_again(it: Predicting) -> None:
    """It was when it was made."""
    it.name_candidate()
    for _ in range(2):
        assert 200 == it.call(**{"Idempotency-Key": "k-1"})["statusCode"]

    assert 1 == len(it.sender.events)
