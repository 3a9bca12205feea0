"""One copied call: what is sent to the candidate, and what is counted."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from functions.common.agreements.copied_call import CopiedCall
from functions.common.agreements.tally import Tally
from functions.common.deployments.agreement import AgreementMode, AgreementRecord
from functions.common.deployments.record import Status
from functions.common.errors import ModelFailedError, ProviderTimeoutError
from functions.common.observability import FunctionFailedError
from functions.common.signatures.request_schema import request_schema
from functions.mirror import handler
from functions.mirror.bootstrap import MirrorPorts, bootstrap
from functions.mirror.settings import MirrorSettings
from tests.builders import a_deployment, changed
from tests.events import LambdaContext
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.inference_client import FakeInferenceClient
from tests.fakes.tallies import FakeTallyStore

COMPARED = AgreementRecord(mode=AgreementMode.REPORT, live_id="d1", until=1)
CANDIDATE = changed(a_deployment(model_version="2"), agreement=COMPARED)
BODY = '{"dataframe_records": [{"x": 48151623}]}'
SETTINGS = MirrorSettings(table_name="t", state_table_name="s")


class Mirroring:
    """The handler on fakes."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.store = FakeDeploymentStore(CANDIDATE)
        self.tallies = FakeTallyStore()
        self._patch = patch
        self.answer([1.0, 2.0])

    def answer(self, values: Any = None, *, error: Exception | None = None) -> None:
        """Have the candidate answer *values*, or raise *error*."""
        self.inference = FakeInferenceClient(values, error=error)
        ports = MirrorPorts(deployments=self.store, inference=self.inference, tallies=self.tallies)
        comparison = bootstrap(ports, SETTINGS)
        self._patch.setattr(handler, "call_comparison", lambda: comparison)

    def send(self, answer: Any, *, body: str = BODY, live_id: str = "d1") -> Any:
        """Compare a call that the live deployment has answered so; return what was counted."""
        call = CopiedCall(
            model_id=CANDIDATE.model_id,
            live_id=live_id,
            candidate_id=CANDIDATE.id,
            request_id="r-1",
            latency_ms=12,
            body=body,
            answer=json.dumps(answer),
        )
        event = call.as_event()
        assert event
        result = handler.lambda_handler(json.loads(event), LambdaContext())
        return result["agrees"]

    @property
    def counted(self) -> Tally:
        return self.tallies.get(CANDIDATE.id, "d1")


@pytest.fixture
def it(monkeypatch: pytest.MonkeyPatch) -> Mirroring:
    return Mirroring(monkeypatch)


def test_an_equal_answer_agrees(it: Mirroring) -> None:
    """The candidate gets the very body, and the time of both is added up."""
    assert it.send([1.0, 2.0])

    assert [(CANDIDATE.id, BODY.encode())] == it.inference.sent
    assert (1, 1, 0, 0.0, 12) == (
        it.counted.calls,
        it.counted.agreeing,
        it.counted.errors,
        it.counted.difference,
        it.counted.live_ms,
    )


@pytest.mark.parametrize(("first", "agrees"), [(1.0005, True), (1.002, False)])
def test_numbers_agree_within_the_tolerance(it: Mirroring, first: float, agrees: bool) -> None:
    """Of a thousandth."""
    assert agrees == it.send([first, 2.0])
    assert (1, int(agrees)) == (it.counted.calls, it.counted.agreeing)
    assert it.counted.difference == pytest.approx(first - 1, rel=0.01)


@pytest.mark.parametrize(
    "error", [ModelFailedError("It failed."), ProviderTimeoutError("It was silent.")], ids=repr
)
def test_a_candidate_that_gives_no_answer_is_counted(it: Mirroring, error: Exception) -> None:
    """Without a time: how long nothing took says nothing."""
    it.answer(error=error)

    assert it.send([1.0]) is False

    assert Tally(calls=1, errors=1) == it.counted


@pytest.mark.parametrize("body", ['{"inputs": [1]', '{"nothing": 1}', '{"inputs": ["no number"]}'])
def test_what_the_candidate_refuses_counts_as_not_answered(it: Mirroring, body: str) -> None:
    """As its callers would see it; it is not asked."""
    of_tensors = [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]
    it.store.deployments[CANDIDATE.id] = changed(
        CANDIDATE, request_schema=request_schema(of_tensors, None)
    )

    assert it.send([1.0], body=body) is False

    assert [] == it.inference.sent
    assert Tally(calls=1, errors=1) == it.counted


@pytest.mark.parametrize("status", [Status.DEPLOYED, Status.FAILED, Status.STOPPED])
def test_a_candidate_that_is_none_any_more_gets_nothing(it: Mirroring, status: Status) -> None:
    """Neither after it has gone live, nor after it has ended."""
    it.store.deployments[CANDIDATE.id] = replace(CANDIDATE, status=status)

    assert it.send([1.0, 2.0]) is None

    assert ([], Tally()) == (it.inference.sent, it.counted)


def test_calls_of_an_earlier_live_deployment_do_not_count(it: Mirroring) -> None:
    """It was replaced while the call was on its way."""
    assert it.send([1.0, 2.0], live_id="d0") is None
    assert [] == it.inference.sent


def test_a_candidate_without_a_record_gets_nothing(it: Mirroring) -> None:
    """The record may have expired."""
    it.store.deployments.clear()

    assert it.send([1.0, 2.0]) is None


def test_nothing_of_a_call_is_logged(it: Mirroring, logged: Callable[[], str]) -> None:
    """Neither of one that is compared nor of one that breaks the function."""
    it.send([48151624.0])
    it.tallies.down = True
    with pytest.raises(FunctionFailedError) as failure:
        it.send([48151624.0])

    assert "call.compared" in logged()
    assert "4815162" not in logged() + str(failure.value)
    assert "4815162" not in repr(
        CopiedCall(
            model_id="m",
            live_id="l",
            candidate_id="c",
            request_id="r",
            latency_ms=1,
            body=BODY,
            answer="[48151624.0]",
        )
    )
