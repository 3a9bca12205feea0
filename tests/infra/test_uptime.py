"""The uptime checks: when they run, and what they may do."""

import json

from functions.uptime.bootstrap import LONGEST_S
from functions.uptime.http_api import TIMEOUT_S
from infra.environments import LOCAL, PRODUCTION
from infra.functions import UPTIME
from tests.infra.schedules import asynchronous_calls_of, permission_of, rule_of
from tests.infra.synthesized import Synthesized


def test_models_are_checked_every_five_minutes(production: Synthesized):
    """The schedule is enabled, and its event names no model."""
    _, rule = rule_of(production, UPTIME)

    assert ("rate(5 minutes)", "ENABLED") == (rule["ScheduleExpression"], rule["State"])
    assert {} == json.loads(rule["Targets"][0]["Input"])


def test_only_its_schedule_may_call_it(production: Synthesized):
    """EventBridge may, for this rule."""
    rule_id, _ = rule_of(production, UPTIME)

    assert {"Fn::GetAtt": [rule_id, "Arn"]} == permission_of(production, UPTIME)["SourceArn"]


def test_a_failed_run_is_not_tried_again(production: Synthesized):
    """The next one makes up for it; a late one would count what is over."""
    _, rule = rule_of(production, UPTIME)

    for policy in (rule["Targets"][0]["RetryPolicy"], asynchronous_calls_of(production, UPTIME)):
        assert 0 == policy["MaximumRetryAttempts"]
        assert PRODUCTION.uptime_every_min * 60 == policy["MaximumEventAgeInSeconds"]


def test_a_run_ends_before_lambda_ends_it_and_the_next_begins(production: Synthesized):
    """The last check begins just before a run's time is over, and takes its longest."""
    timeout_s = production.function(UPTIME.handler)["Timeout"]

    assert LONGEST_S + TIMEOUT_S < timeout_s < PRODUCTION.uptime_every_min * 60


def test_it_changes_no_record(production: Synthesized):
    """It reads records, costs, circuits and one secret, and calls the API as anybody does. It
    writes into the shared state when a model's answers were compared."""
    actions = {
        action
        for statement in production.statements(UPTIME.handler)
        for action in statement["Action"]
        if not action.startswith(("logs:", "xray:"))
    }

    assert actions == {
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "secretsmanager:GetSecretValue",
    }
    (written,) = [
        statement["Resource"]
        for statement in production.statements(UPTIME.handler)
        if "dynamodb:PutItem" in statement["Action"]
    ]
    table = production.variables(UPTIME.handler)["STATE_TABLE_NAME"]["Ref"]
    assert written == [{"Fn::GetAtt": [table, "Arn"]}]


def test_the_local_schedule_is_rare(local: Synthesized):
    """On this machine tests count the calls that models get."""
    assert LOCAL.uptime_every_min >= 60
    assert "rate(1 hour)" == rule_of(local, UPTIME)[1]["ScheduleExpression"]
