"""The candidate that the live deployment's calls are also sent to."""

from functions.common.deployments.agreement import (
    AgreementMode,
    AgreementRecord,
    AgreementResult,
    ComparedCandidate,
)
from functions.common.deployments.store import DeploymentStore
from tests.builders import NOON, a_deployment, changed
from tests.contract.deployment_store.deployments import go_live, newer

NAMED = ComparedCandidate(id="d2", calls_per_1000=100, until=1_800_000_000)


def test_the_live_deployment_names_its_candidate(store: DeploymentStore) -> None:
    """Its own record does not."""
    live = go_live(store, a_deployment())

    assert store.name_candidate(live, NAMED)

    found = store.live("iris")
    assert found is not None
    assert NAMED == found.candidate
    assert live == store.get("iris", live.id)


def test_a_candidate_is_taken_away(store: DeploymentStore) -> None:
    """Nothing stays of it."""
    live = go_live(store, a_deployment())
    store.name_candidate(live, NAMED)

    assert store.name_candidate(live, ComparedCandidate())

    assert live == store.live("iris")


def test_a_replaced_deployment_names_no_candidate(store: DeploymentStore) -> None:
    """The activation of a candidate ends the sending of calls to it."""
    earlier = go_live(store, a_deployment())
    store.name_candidate(earlier, NAMED)
    live = go_live(store, newer())

    assert not store.name_candidate(earlier, NAMED)
    assert live == store.live("iris")
    stopped = store.get("iris", earlier.id)
    assert stopped is not None
    assert ComparedCandidate() == stopped.candidate


def test_nothing_is_named_where_nothing_is_live(store: DeploymentStore) -> None:
    """There is no item `live` to write to."""
    assert not store.name_candidate(a_deployment(), NAMED)
    assert store.live("iris") is None


def test_the_comparison_is_on_record(store: DeploymentStore) -> None:
    """How far it is, and the outcome in the timeline."""
    result = AgreementResult(
        mode=AgreementMode.HOLD,
        version="1",
        calls=250,
        agreeing=247,
        errors=1,
        largest_difference="0.12",
        live_ms=2500,
        candidate_ms=2750,
    )
    compared = changed(
        a_deployment(),
        agreement=AgreementRecord(mode=AgreementMode.HOLD, live_id="d1", until=1_800_000_000),
        timeline=a_deployment().timeline_with("agree", "agreed", at=NOON, agreement=result),
    )

    store.add(compared)

    found = store.get("iris", compared.id)
    assert compared == found
    assert result == found.agreement_result
    assert 1.1 == result.latency_ratio
