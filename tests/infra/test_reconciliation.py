"""Schedule of the reconciler, and what its alarms look at."""

import json

from infra.environments import LOCAL, PRODUCTION
from infra.functions import RECONCILE
from tests.infra.monitoring.watched import alarms_of
from tests.infra.schedules import asynchronous_calls_of, permission_of, rule_of
from tests.infra.synthesized import Json, Synthesized


def rule(stack: Synthesized) -> Json:
    return rule_of(stack, RECONCILE)[1]


def test_all_models_are_reconciled_every_15_minutes(production: Synthesized):
    """The schedule is enabled; its event selects all models and is not a dry run."""
    schedule = rule(production)
    (desired,) = schedule["Targets"]

    assert ("rate(15 minutes)", "ENABLED") == (schedule["ScheduleExpression"], schedule["State"])
    assert {} == json.loads(desired["Input"])
    assert RECONCILE.handler == production.handler_of(desired["Arn"]["Ref"])


def test_schedule_may_call_the_reconciler(production: Synthesized):
    """EventBridge may, for this rule only."""
    rule_id, _ = rule_of(production, RECONCILE)

    assert {"Fn::GetAtt": [rule_id, "Arn"]} == permission_of(production, RECONCILE)["SourceArn"]


def test_a_failed_run_is_retried_twice(production: Synthesized):
    """By Lambda and by EventBridge, for an hour at most; the next scheduled run follows anyway."""
    (desired,) = rule(production)["Targets"]
    invocation = asynchronous_calls_of(production, RECONCILE)

    for policy in (desired["RetryPolicy"], invocation):
        assert 2 == policy["MaximumRetryAttempts"]
        assert 3600 == policy["MaximumEventAgeInSeconds"]


def test_a_run_ends_before_the_next_begins(production: Synthesized):
    """The function's timeout is not longer than the interval."""
    function = production.function(RECONCILE.handler)

    assert function["Timeout"] <= PRODUCTION.reconcile_every_min * 60


def test_alarms_look_at_one_run_each(production: Synthesized):
    """A failure that lasts is counted in runs; the names of the alarms are those of the runbook."""
    alarms = alarms_of(production)
    names = ("ReconcilerBroken", "ReconcilerFailing", "ReconcilerSilent", "OrphansHeld")

    assert {PRODUCTION.reconcile_every_min * 60} == {alarms[name]["Period"] for name in names}


def test_errors_of_the_reconciler_are_counted(production: Synthesized):
    """Of all its versions."""
    (dimension,) = alarms_of(production)["ReconcilerBroken"]["Dimensions"]

    assert RECONCILE.handler == production.handler_of(dimension["Value"]["Ref"])


def test_the_local_schedule_is_rare(local: Synthesized):
    """On this machine the effects of events alone can be observed."""
    assert LOCAL.reconcile_every_min >= 60
    assert "rate(1 hour)" == rule(local)["ScheduleExpression"]
