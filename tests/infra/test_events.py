"""The bus of events: who publishes on it, and what people get of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from infra.environments import PRODUCTION
from infra.functions import FUNCTIONS, RECONCILE
from tests.infra.synthesized import Synthesized, synthesize


def test_every_event_reaches_the_topic_as_one_sentence(production: Synthesized):
    """A path takes the sentence as it is; a template would not escape quotation marks."""
    (rule,) = (
        each for each in production.properties("AWS::Events::Rule") if "EventPattern" in each
    )
    (target,) = rule["Targets"]

    assert {"source": ["hokus.model-serving"]} == rule["EventPattern"]
    assert "$.detail.summary" == target["InputPath"]
    assert "InputTransformer" not in target


def test_only_the_reconciler_publishes(production: Synthesized):
    """On the bus of this stack, and no other."""
    ((bus, _),) = production.all("AWS::Events::EventBus")
    having = {
        handler: statement["Resource"]
        for handler in {each.handler for each in FUNCTIONS}
        for statement in production.statements(handler)
        if "events:" in str(statement["Action"])
    }

    assert {RECONCILE.handler: [{"Fn::GetAtt": [bus, "Arn"]}]} == having
    assert {"Ref": bus} == production.variables(RECONCILE.handler)["EVENT_BUS"]


@pytest.mark.parametrize(("address", "count"), [("", 0), ("ops@example.org", 2)])
def test_the_address_of_alarms_gets_events(address: str, count: int, tmp_path: Path):
    """Where there is one."""
    stack = synthesize(replace(PRODUCTION, alarm_email=address), tmp_path)

    assert count == len(stack.properties("AWS::SNS::Subscription"))
