"""When the reconciler runs, and who hears of it when it cannot."""

import json

from functions.common.observability import NAMESPACE
from infra.environments import LOCAL, PRODUCTION
from infra.functions import RECONCILE
from tests.infra.synthesized import Json, Synthesized


def rule(stack: Synthesized) -> Json:
    return stack.only("AWS::Events::Rule")


def test_every_model_is_looked_at_every_quarter_of_an_hour(production: Synthesized):
    """The schedule is on, and what it sends asks for every model, and for real."""
    schedule = rule(production)
    (desired,) = schedule["Targets"]

    assert ("rate(15 minutes)", "ENABLED") == (schedule["ScheduleExpression"], schedule["State"])
    assert {} == json.loads(desired["Input"])
    assert RECONCILE.handler == production.handler_of(desired["Arn"]["Fn::GetAtt"][0])


def test_schedule_may_call_the_reconciler(production: Synthesized):
    """EventBridge may, for this rule alone."""
    (rule_id,) = (id_ for id_, _ in production.all("AWS::Events::Rule"))
    (permission,) = (
        permission
        for permission in production.properties("AWS::Lambda::Permission")
        if permission["Principal"] == "events.amazonaws.com"
    )

    assert {"Fn::GetAtt": [rule_id, "Arn"]} == permission["SourceArn"]
    assert RECONCILE.handler == production.handler_of(permission["FunctionName"]["Fn::GetAtt"][0])


def test_a_run_that_broke_is_tried_twice_more_and_not_for_ever(production: Synthesized):
    """By Lambda as by EventBridge; what is an hour old has been overtaken by the schedule."""
    (desired,) = rule(production)["Targets"]
    invocation = production.only("AWS::Lambda::EventInvokeConfig")

    assert RECONCILE.handler == production.handler_of(invocation["FunctionName"]["Ref"])
    for policy in (desired["RetryPolicy"], invocation):
        assert 2 == policy["MaximumRetryAttempts"]
        assert 3600 == policy["MaximumEventAgeInSeconds"]


def test_a_run_has_ended_before_the_next_begins(production: Synthesized):
    """The time for one run is not longer than the time between two."""
    function = production.function(RECONCILE.handler)

    assert function["Timeout"] <= PRODUCTION.reconcile_every_min * 60


def test_a_reconciler_that_broke_raises_the_workflows_alarm(production: Synthesized):
    """Its errors reach the topic that a failed workflow reaches, on the first time."""
    every = production.properties("AWS::CloudWatch::Alarm")
    (alarm,) = (each for each in every if each["MetricName"] == "Errors")
    (dimension,) = alarm["Dimensions"]

    assert RECONCILE.handler == production.handler_of(dimension["Value"]["Ref"])
    assert (1, 1) == (alarm["Threshold"], alarm["EvaluationPeriods"])
    assert 1 == len({json.dumps(each["AlarmActions"]) for each in every})


def test_what_cannot_be_put_right_for_an_hour_raises_an_alarm(production: Synthesized):
    """By the metric that the reconciler itself writes; what passes by itself does not."""
    every = production.properties("AWS::CloudWatch::Alarm")
    (alarm,) = (each for each in every if each["MetricName"] == "ReconcileFailures")

    assert NAMESPACE == alarm["Namespace"]
    assert [{"Name": "service", "Value": RECONCILE.service}] == alarm["Dimensions"]
    assert (4, 900) == (alarm["EvaluationPeriods"], alarm["Period"])


def test_local_schedule_leaves_people_and_tests_alone(local: Synthesized):
    """On this machine one reconciles by hand; the schedule is there, and rare."""
    assert LOCAL.reconcile_every_min >= 60
    assert "rate(1 hour)" == rule(local)["ScheduleExpression"]
