"""New versions are compared with the live one on its own calls, and callers do not notice.

Given a live model, when a version is registered that asks to be compared, and callers call, then
the counts are those of the calls, the version goes live or is held back by them, and each caller
has the live version's answer. `test_traces` searches for what was sent and answered.
"""

import json
import re

import jsonschema_rs
import pytest

from infra.local.parts import ROOT
from infra.local.processes import wait_for
from infra.local.system import LocalSystem
from tests.e2e.support import canaries
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.compared_calls import ComparedCalls
from tests.e2e.support.doubling_model import log_doubling_model, register_version
from tests.e2e.support.followed_models import Registry
from tests.e2e.support.heard_events import HeardEvents
from tests.e2e.support.logged_models import LoggedModels
from tests.e2e.support.waiting import eventually

EVENTS = jsonschema_rs.validator_for(json.loads((ROOT / "docs/events.schema.json").read_text()))


@pytest.fixture
def calls(
    system: LocalSystem,
    client: ApiClient,
    registry: Registry,
    all_calls_are_compared: None,  # noqa: ARG001 - the setting
) -> ComparedCalls:
    """Calls of a model whose first version is live."""
    return ComparedCalls.of_new_model(system, client, registry)


def agreement_tag(registry: Registry, model: str) -> str:
    return registry.tags(model, "2").get("agreement", "")


@pytest.mark.concurrent
def test_a_candidate_that_differs_once_in_twenty_calls_is_seen_as_such(
    system: LocalSystem,
    client: ApiClient,
    registry: Registry,
    logged_models: LoggedModels,
    all_calls_are_compared: None,  # noqa: ARG001 - the setting
) -> None:
    """In the timeline, in the tag and as an event; it goes live, as `report` was asked for."""
    calls = ComparedCalls.of_new_model(system, client, registry)
    events = HeardEvents.of_model(system, calls.model)
    register_version(calls.model, logged_models.differing, {"hokus.agreement": "report"})
    calls.wait_for_candidate()

    calls.call(*range(1, 101))

    assert set(range(1, 101)) == calls.right_answers()
    calls.wait_until_logged()
    mirrored = calls.mirrored()
    differing = {number for number in mirrored if number % 20 == 0}
    assert len(mirrored) >= 60
    live = calls.client.wait_until_live(calls.model, "2")
    agreeing = len(mirrored) - len(differing)
    (outcome,) = [each["outcome"] for each in live["timeline"] if each["step"] == "agree"]
    assert outcome.startswith(
        f"report: {agreeing} of {len(mirrored)} calls agree with version 1, largest difference 0.0"
    )
    assert eventually(lambda: outcome == agreement_tag(registry, calls.model))
    assert wait_for(lambda: len(events.all()) >= 2, timeout_s=60)
    (event,) = [each for each in events.all() if each["detail-type"] == "model.agreement"]
    EVENTS.validate(event)
    figures = event["detail"]["agreement"]
    assert (len(mirrored), agreeing, 0) == tuple(
        figures[name] for name in ("calls", "agreeing", "errors")
    )
    assert not figures["held"]
    assert canaries.DOUBLED_FRACTION not in json.dumps(events.all())
    assert {"answer"} == calls.written_in()


@pytest.mark.long
def test_a_candidate_that_breaks_is_held_back_and_no_caller_notices(
    calls: ComparedCalls, registry: Registry
) -> None:
    """Half of the calls raise an error there. Then it blocks: predict would answer with an error of
    its own if it waited for it."""
    uri = log_doubling_model("RaisesOrBlocksAtLargeNumbers")
    register_version(calls.model, uri, {"hokus.agreement": "hold"})
    calls.wait_for_candidate()

    calls.call(*range(1, 21), *range(1_001, 1_021))
    calls.wait_until_logged()
    mirrored = calls.mirrored()
    broken = len({number for number in mirrored if number > 1_000})
    assert broken >= 15
    expected = {"calls": len(mirrored), "agreeing": len(mirrored) - broken, "errors": broken}
    assert eventually(lambda: expected == calls.counted(), timeout_s=30), calls.counted()
    calls.call(*range(3_000, 3_005), *range(21, 41))

    assert {*range(1, 41), *range(1_001, 1_021), *range(3_000, 3_005)} == calls.right_answers()
    held = calls.client.wait_until_ended(calls.model, "2")
    assert "failed" == held["status"]
    figures = re.search(r"(\d+) of (\d+) calls agree with version 1, (\d+) got", held["reason"])
    assert figures, held["reason"]
    assert int(figures[3]) >= broken
    assert eventually(lambda: agreement_tag(registry, calls.model).startswith("hold: "))
    calls.call(41)
    assert 41 in calls.right_answers()
    assert {"answer"} == calls.written_in()


@pytest.mark.long
def test_a_live_version_without_calls_is_compared_by_its_example(
    calls: ComparedCalls, registry: Registry
) -> None:
    """The outcome says so."""
    register_version(calls.model, registry.model_uri, {"hokus.agreement": "hold"})

    live = calls.client.wait_until_live(calls.model, "2")

    (outcome,) = [each["outcome"] for each in live["timeline"] if each["step"] == "agree"]
    assert outcome.startswith("hold: no call came, and the input example agrees with version 1")
