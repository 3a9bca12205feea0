"""The task `agree`: a candidate is compared with the live deployment before it replaces it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.common.agreements.tally import ComparedCall, Tally
from functions.common.deployments.agreement import (
    AgreementMode,
    AgreementRecord,
    ComparedCandidate,
)
from functions.common.deployments.record import Deployment
from functions.common.errors import ModelFailedError, ModelWarmingUpError
from functions.common.signatures.request_schema import request_schema
from functions.provision.tasks.agreement import Agreement, before_agreement
from functions.provision.tasks.agreement_verdict import AgreementBounds
from functions.provision.tasks.example_comparison import ExampleComparison
from functions.provision.tasks.runner import TaskOutcome, failed
from tests.builders import NOON, a_deployment, a_live_deployment, changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.inference_client import FakeInferenceClient
from tests.fakes.tallies import FakeTallyStore

EXAMPLE = {"inputs": [1.0]}
LIVE = a_live_deployment(model_version="3", input_example=EXAMPLE, registered_at=NOON)
HOLD, REPORT = AgreementMode.HOLD, AgreementMode.REPORT
OF_NUMBERS = [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1]}}]
OF_TEXTS = [{"type": "tensor", "tensor-spec": {"dtype": "str", "shape": [-1]}}]


def a_candidate(mode: AgreementMode | None = HOLD, **changes: Any) -> Deployment:
    return changed(
        a_deployment(model_version="4", requested_at=NOON + timedelta(hours=1)),
        agreement=AgreementRecord(mode=mode),
        registered_at=NOON,
        **changes,
    )


class Comparison:
    """The task on fakes, for ten minutes from noon or 20 calls."""

    def __init__(self, candidate: Deployment | None = None) -> None:
        self.candidate = candidate or a_candidate()
        self.store = FakeDeploymentStore(LIVE, self.candidate)
        self.tallies = FakeTallyStore()
        self.inference = FakeInferenceClient([1.0])
        self.now = NOON

    def agree(self) -> TaskOutcome:
        """Run the task; its changes are kept."""
        task = Agreement(
            store=self.store,
            tallies=self.tallies,
            example=ExampleComparison(inference=self.inference, tolerance=1e-3, timeout_s=5),
            bounds=AgreementBounds(min_share=0.9, max_error_share=0.05, max_latency_ratio=3),
            share=0.25,
            calls=20,
            lasts_s=600,
            now=lambda: self.now,
        )
        outcome = task.agree(self.candidate)
        self.candidate = outcome.changed or self.candidate
        return outcome

    def begun(self) -> "Comparison":
        assert "agreeing" == self.agree().name
        return self

    def count(self, calls: int, **values: Any) -> "Comparison":
        """Count *calls* of this kind, by default agreeing ones that took as long."""
        call = ComparedCall(**{"agrees": True, "live_ms": 10, "candidate_ms": 10, **values})
        for _ in range(calls):
            self.tallies.add(self.candidate.id, LIVE.id, call)
        return self

    def ended(self) -> TaskOutcome:
        """Return the outcome once the time is over."""
        self.now = NOON + timedelta(minutes=11)
        return self.agree()

    @property
    def named(self) -> ComparedCandidate:
        live = self.store.live("iris")
        assert live
        return live.candidate


def test_it_begins_with_the_candidates_name() -> None:
    """On the live deployment, with the share and the end, which the record has too."""
    it = Comparison()

    outcome = it.agree()

    until = int(NOON.timestamp()) + 600
    assert ("agreeing", {"wait_s": 15}) == (outcome.name, outcome.details)
    assert ComparedCandidate(id=it.candidate.id, calls_per_1000=250, until=until) == it.named
    assert AgreementRecord(mode=HOLD, live_id=LIVE.id, until=until) == it.candidate.agreement


def test_it_goes_on_until_there_are_enough_calls() -> None:
    """Before its time is over."""
    it = Comparison().begun().count(19)
    assert "agreeing" == it.agree().name

    outcome = it.count(1).agree()

    assert "agreed" == outcome.name
    assert "hold: 20 of 20 calls agree with version 3, 1.00 times as long" == outcome.note


def test_it_ends_with_its_time() -> None:
    """However few calls there were."""
    it = Comparison().begun().count(2)
    it.now = NOON + timedelta(seconds=599)
    assert ("agreeing", {"wait_s": 1}) == ((outcome := it.agree()).name, outcome.details)

    assert "agreed" == it.ended().name


@pytest.mark.parametrize(
    ("agreeing", "others", "fault"),
    [
        (17, {"difference": 0.5}, "85.0 % of them agree, and 90.0 % must"),
        (18, {"failed": True}, "10.0 % got none, and 5.0 % may"),
        (19, {"candidate_ms": 1_000}, "they took 5.95 times as long, and 3 are allowed"),
    ],
)
def test_a_candidate_that_is_too_far_off_is_held(
    agreeing: int, others: dict[str, Any], fault: str
) -> None:
    """For good, with the figures; calls are no longer sent to it."""
    it = Comparison().begun().count(agreeing).count(20 - agreeing, **{"agrees": False, **others})

    outcome = it.agree()

    assert ("failed", False) == (outcome.name, outcome.retryable)
    assert fault in (outcome.reason or "")
    assert f"{agreeing} of 20 calls agree with version 3" in (outcome.reason or "")
    assert outcome.agreement
    assert outcome.agreement.held
    assert ComparedCandidate() == it.named


def test_the_time_of_few_calls_says_nothing() -> None:
    """The first call after a pause takes longer than the next one, whatever the version."""
    it = Comparison().begun().count(19, candidate_ms=1_000)

    outcome = it.ended()

    assert ("agreed", "hold: 19 of 19 calls agree with version 3") == (outcome.name, outcome.note)
    assert outcome.agreement
    assert outcome.agreement.latency_ratio is None


@pytest.mark.parametrize("others", [{"difference": 0.5}, {"failed": True}], ids=str)
def test_a_report_holds_nothing(others: dict[str, Any]) -> None:
    """The figures are there all the same."""
    it = Comparison(a_candidate(REPORT)).begun().count(20, agrees=False, **others)

    outcome = it.agree()

    assert ("agreed", None) == (outcome.name, outcome.reason)
    assert (outcome.note or "").startswith("report: 0 of 20 calls agree with version 3")
    assert outcome.agreement
    assert not outcome.agreement.held


def test_without_calls_the_input_example_is_sent_to_both() -> None:
    """The live version's own."""
    it = Comparison().begun()
    it.inference = FakeInferenceClient(script=[[1.0], [1.0004]])

    outcome = it.ended()

    assert [LIVE.id, it.candidate.id] == [id_ for id_, _ in it.inference.sent]
    assert (outcome.note or "").startswith(
        "hold: no call came, and the input example agrees with version 3"
    )
    assert outcome.agreement
    assert (True, 1, 1, "0.0004") == (
        outcome.agreement.of_example,
        outcome.agreement.calls,
        outcome.agreement.agreeing,
        outcome.agreement.largest_difference,
    )


@pytest.mark.parametrize("answer", [[2.0], ModelFailedError("It failed.")], ids=repr)
def test_an_example_can_hold_a_candidate(answer: Any) -> None:
    """By another answer or by none."""
    it = Comparison().begun()
    it.inference = FakeInferenceClient(script=[[1.0], answer])

    outcome = it.ended()

    assert "failed" == outcome.name
    assert "the input example does not agree with version 3" in (outcome.reason or "")


@pytest.mark.parametrize("what", ["no example", "another signature", "a sleeping model"])
def test_what_cannot_be_compared_holds_nothing(what: str) -> None:
    """The outcome says that nothing was."""
    it = Comparison().begun()
    if what == "no example":
        it.store.deployments[LIVE.id] = changed(LIVE, input_example=None)
    elif what == "another signature":
        it.candidate = changed(it.candidate, request_schema=request_schema(OF_TEXTS, None))
    else:
        error = ModelWarmingUpError("It wakes up.", retry_after_s=30)
        it.inference = FakeInferenceClient(error=error)

    outcome = it.ended()

    assert ("agreed", "hold: no call could be compared with version 3") == (
        outcome.name,
        outcome.note,
    )


def test_a_new_live_deployment_begins_a_new_comparison() -> None:
    """What was counted before was about another one."""
    it = Comparison().begun().count(20)
    other = changed(LIVE, id="d9", model_version="2")
    it.store.deployments["d9"] = other
    it.store.live_ids["iris"] = "d9"

    outcome = it.agree()

    assert ("agreeing", "d9") == (outcome.name, it.candidate.agreement.live_id)
    assert Tally() == it.tallies.get(it.candidate.id, "d9")


def test_a_live_deployment_that_is_just_being_replaced_is_looked_at_again() -> None:
    """The note on it was refused."""
    it = Comparison()
    it.store.name_candidate = lambda *_: False  # type: ignore[method-assign]

    outcome = it.agree()

    assert ("agreeing", {"wait_s": 1}, None) == (outcome.name, outcome.details, outcome.changed)


@pytest.mark.parametrize("live", ["nothing", "the same version"])
def test_without_another_version_there_is_nothing_to_compare(live: str) -> None:
    """It goes live at once, also in the middle of a comparison."""
    it = Comparison().begun()
    if live == "nothing":
        it.store.live_ids.clear()
    else:
        it.store.deployments[LIVE.id] = changed(LIVE, model_version="4")

    outcome = it.agree()

    assert ("agreed", "not compared: no other version is live") == (outcome.name, outcome.note)


@pytest.mark.parametrize(
    ("mode", "outcome", "expected"),
    [
        (None, TaskOutcome(name="verified"), TaskOutcome(name="verified")),
        (HOLD, failed("Too slow."), failed("Too slow.")),
        (
            REPORT,
            TaskOutcome(name="verified"),
            TaskOutcome(name="verified_to_compare", note="verified"),
        ),
        (
            HOLD,
            TaskOutcome(name="verified", note="by its health"),
            TaskOutcome(name="verified_to_compare", note="by its health"),
        ),
    ],
)
def test_only_a_verified_version_that_asks_for_it_is_compared(
    mode: AgreementMode | None, outcome: TaskOutcome, expected: TaskOutcome
) -> None:
    """Others pass no state of it."""
    deployment = replace(a_candidate(), agreement=AgreementRecord(mode=mode))

    assert expected == before_agreement(deployment, outcome)
