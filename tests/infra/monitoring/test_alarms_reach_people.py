"""Every alarm notifies the topic, is on the dashboard, and says what to do."""

import json
import re
from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest

from functions.common import metric_names
from functions.common.metric_names import NAMESPACE
from infra.environments import PRODUCTION
from infra.functions import RECONCILE, USAGE
from tests.infra.monitoring.watched import (
    alarms_of,
    composites_of,
    drawn_metrics,
    metric_of,
    parts_of,
    widgets_of,
)
from tests.infra.schedules import asynchronous_calls_of
from tests.infra.synthesized import ROOT, Json, Synthesized, metrics_of, synthesize

RUNBOOK = re.compile(r"Runbook: (docs/[\w./-]+\.md)#([\w-]+)$")
NAMES_FILE = "metric_names.py"
HEADING = re.compile(r"^#{2,6} +(.+)$", re.MULTILINE)


def anchors(path: str) -> set[str]:
    """Return the anchors of the headings of a document, as GitHub makes them."""
    headings = HEADING.findall((ROOT / path).read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def every(stack: Synthesized) -> dict[str, Json]:
    return alarms_of(stack) | composites_of(stack)


@pytest.mark.parametrize("environment", ["production", "local"])
def test_every_alarm_says_where_its_runbook_is(
    production: Synthesized, local: Synthesized, environment: str
) -> None:
    """A heading of docs/operating.md; and what it means stands before it."""
    stack = {"production": production, "local": local}[environment]
    for name, alarm in every(stack).items():
        found = RUNBOOK.search(alarm["AlarmDescription"])
        assert found, name
        assert len(alarm["AlarmDescription"][: found.start()]) > 40, name
        assert found[2] in anchors(found[1]), name


def test_every_runbook_has_an_alarm(production: Synthesized) -> None:
    """The section of the alarms has no heading that nothing leads to."""
    text = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
    section = text.partition("\n## Alarms: what to do\n")[2].partition("\n## ")[0]
    used = {RUNBOOK.search(each["AlarmDescription"])[2] for each in every(production).values()}  # type: ignore[index]

    made = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^### (.+)$", section, re.MULTILINE)
    }
    assert used == made


def test_every_alarm_notifies_the_topic(production: Synthesized) -> None:
    """Those that are parts of another one do by that one alone."""
    topic = production.output("AlarmTopic")
    composites = composites_of(production).values()
    parts = set(chain.from_iterable(parts_of(production, each)[1] for each in composites))

    for name, alarm in every(production).items():
        assert alarm.get("ActionsEnabled", True), name
        expected = [] if name in parts else [topic]
        assert expected == alarm.get("AlarmActions", []), name


def test_the_topic_lets_cloudwatch_publish(production: Synthesized) -> None:
    """The policy of `enforce_ssl` alone would deny everybody without a word."""
    topics = [production.output("AlarmTopic")]
    policies = production.properties("AWS::SNS::TopicPolicy")
    (policy,) = [each for each in policies if each["Topics"] == topics]
    allowed = [each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]

    (statement,) = allowed
    assert {"Service": "cloudwatch.amazonaws.com"} == statement["Principal"]
    assert "sns:Publish" == statement["Action"]
    assert ["aws:SourceAccount"] == [*statement["Condition"]["StringEquals"]]


def test_calls_that_are_given_up_reach_the_topic(production: Synthesized) -> None:
    """Lambda sends them as the function's role: the reconciler's, or that of the roll-up."""
    topic = production.output("AlarmTopic")

    for spec in (RECONCILE, USAGE):
        asynchronous = asynchronous_calls_of(production, spec)
        assert {"Destination": topic} == asynchronous["DestinationConfig"]["OnFailure"]


def test_every_alarm_is_drawn_with_its_threshold(production: Synthesized) -> None:
    """On a graph of its metrics."""
    widgets = widgets_of(production)
    by_alarm = json.dumps([each for each in widgets if each["type"] == "metric"])
    for name, alarm in alarms_of(production).items():
        if name == "NewVersionFails":
            assert "<PredictRolloutNewVersionFails" in by_alarm
            continue
        metrics = {metric_of(metric) for metric in metrics_of(alarm)}
        graphs = [each for each in widgets if metrics <= {*drawn_metrics(each)}]
        lines = [
            line["value"]
            for graph in graphs
            for line in graph["properties"].get("annotations", {}).get("horizontal", [])
            if line.get("visible", True)
        ]
        assert alarm["Threshold"] in lines, name


@pytest.mark.parametrize("environment", ["production", "local"])
def test_every_alarm_that_notifies_is_on_the_list(
    production: Synthesized, local: Synthesized, environment: str
) -> None:
    """The widget names alarms by ARN, those of the graphs by the names that they have."""
    stack = {"production": production, "local": local}[environment]
    (status,) = (each for each in widgets_of(stack) if each["type"] == "alarm")
    listed = [arn.rpartition(":")[2] for arn in status["properties"]["alarms"]]
    notifying = {
        alarm.get("AlarmName", "NewVersionFails")
        for alarm in every(stack).values()
        if alarm.get("AlarmActions")
    }
    assert len(listed) == len(notifying)
    named = {name for name in listed if "<" not in name}
    assert named <= notifying
    # Others are references.
    assert len(notifying - named) == sum("<" in name for name in listed)


def test_the_page_has_a_row_for_each_figure(production: Synthesized) -> None:
    """And one for what is wrong now."""
    texts = [each for each in widgets_of(production) if each["type"] == "text"]
    titles = [each["properties"]["markdown"].strip("# ") for each in texts]

    assert [
        "Models deployed",
        "Request volume",
        "Average response time",
        "Error rate",
        "Provider costs",
        "User adoption",
        "What is wrong now",
        "Failures",
    ] == titles


def test_models_without_metrics_have_no_graphs(production: Synthesized) -> None:
    """The table *Models* has their figures."""
    assert "SEARCH(" not in json.dumps(widgets_of(production))


def test_models_with_metrics_are_found_by_search(tmp_path: Path) -> None:
    """By the dimensions that each model's metrics have, of this environment."""
    body = json.dumps(widgets_of(synthesize(replace(PRODUCTION, metrics_per_model=True), tmp_path)))
    searches = re.findall(r"SEARCH\('(.+?)', '(\w+)', (\d+)\)", body.replace('\\"', '"'))
    schema = "{HokusModelServing,environment,model,service}"

    assert all(search.startswith(schema) for search, _, _ in searches)
    assert all('environment="production"' in search for search, _, _ in searches)
    found = {re.findall(r'MetricName="(\w+)" service="(\w+)"', each)[0] for each, _, _ in searches}
    assert {
        ("Latency", "predict"),
        ("Fault", "predict"),
        ("SpendUsd", "reconcile"),
    } == found


def test_our_metrics_have_their_names_in_one_module(production: Synthesized) -> None:
    """Of alarms, graphs, searches and metric filters."""
    known = {value for name, value in vars(metric_names).items() if name.isupper()}
    used = {
        metric["MetricName"]
        for alarm in alarms_of(production).values()
        for metric in metrics_of(alarm)
        if metric["Namespace"] == NAMESPACE
    }
    used |= {
        name
        for widget in widgets_of(production)
        for namespace, name, _ in drawn_metrics(widget)
        if namespace == NAMESPACE
    }
    for each in production.properties("AWS::Logs::MetricFilter"):
        used |= {made["MetricName"] for made in each["MetricTransformations"]}

    assert used <= known
    assert {"Latency", "Fault", "GatewayFaults", "SpendUsd"} <= used


def test_metrics_are_written_by_the_functions(production: Synthesized) -> None:
    """By the constant of the name."""
    sources = [each for each in (ROOT / "functions").rglob("*.py") if each.name != NAMES_FILE]
    code = " ".join(path.read_text(encoding="utf-8") for path in sources)
    constants = {value: name for name, value in vars(metric_names).items() if name.isupper()}
    used = {
        metric["MetricName"]
        for alarm in alarms_of(production).values()
        for metric in metrics_of(alarm)
        if metric["Namespace"] == NAMESPACE
    }

    used -= {metric_names.GATEWAY_FAULTS, metric_names.AUTHORIZER_FAILURES}
    missing = {name for name in used if not re.search(rf"\b{constants[name]}\b", code)}
    assert set() == missing


def test_cloudwatch_takes_every_alarm(production: Synthesized) -> None:
    """At most 10 metrics in an expression, and a day of evaluation.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    """
    for name, alarm in alarms_of(production).items():
        stats = [each["MetricStat"] for each in alarm.get("Metrics", []) if "MetricStat" in each]
        (period_s,) = {each["Period"] for each in stats or [alarm]}
        assert len(stats) <= 10, name
        assert period_s * alarm["EvaluationPeriods"] <= 86_400, name
        assert len(alarm["AlarmDescription"]) <= 1_024, name


def test_the_local_system_has_no_alarm_that_ministack_lacks(local: Synthesized) -> None:
    """Those on one metric it has."""
    assert not any("Metrics" in alarm for alarm in alarms_of(local).values())
    assert {} == composites_of(local)
    assert [] == local.properties("AWS::ApplicationSignals::ServiceLevelObjective")
