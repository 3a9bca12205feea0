"""The roll-up of usage: when it runs, what it may read, and who hears of a failure."""

import json
import re

from functions.usage.roll_up import LOG_SETTLES, LOOK_BACK_DAYS
from infra.functions import PREDICT, USAGE
from tests.infra.schedules import asynchronous_calls_of, permission_of, rule_of
from tests.infra.synthesized import Synthesized


def test_it_runs_when_a_day_is_over_and_its_log_complete(production: Synthesized):
    """In UTC, with an event that names no day."""
    _, rule = rule_of(production, USAGE)
    cron = re.fullmatch(r"cron\((\d+) (\d+) \* \* \? \*\)", rule["ScheduleExpression"])
    assert cron
    minute, hour = map(int, cron.groups())

    assert "ENABLED" == rule["State"]
    assert LOG_SETTLES.total_seconds() / 60 <= hour * 60 + minute < 60
    assert {} == json.loads(rule["Targets"][0]["Input"])


def test_only_its_schedule_may_call_it(production: Synthesized):
    rule_id, _ = rule_of(production, USAGE)

    assert {"Fn::GetAtt": [rule_id, "Arn"]} == permission_of(production, USAGE)["SourceArn"]


def test_a_failed_night_reaches_the_topic(production: Synthesized):
    """After two more attempts; the next night catches up."""
    calls = asynchronous_calls_of(production, USAGE)

    assert 2 == calls["MaximumRetryAttempts"]
    topic = production.output("AlarmTopic")
    assert topic == calls["DestinationConfig"]["OnFailure"]["Destination"]


def test_it_reads_the_log_of_predict_and_no_other(production: Synthesized):
    """By the one action that it uses."""
    statements = [
        statement
        for statement in production.statements(USAGE.handler)
        if "logs:FilterLogEvents" in statement["Action"]
    ]
    (statement,) = statements
    log = production.variables(USAGE.handler)["PREDICT_LOG_GROUP"]["Ref"]

    assert ["logs:FilterLogEvents"] == statement["Action"]
    of_streams, own_arn = statement["Resource"]
    assert {"Fn::GetAtt": [log, "Arn"]} == of_streams
    assert [":log-group:", {"Ref": log}] == own_arn["Fn::Join"][1][-2:]
    assert log == production.function(PREDICT.handler)["LoggingConfig"]["LogGroup"]["Ref"]


def test_a_day_that_is_caught_up_is_in_the_log(production: Synthesized):
    """The log is kept for longer than the roll-up looks back."""
    log = production.variables(USAGE.handler)["PREDICT_LOG_GROUP"]["Ref"]

    kept_days = production.template["Resources"][log]["Properties"]["RetentionInDays"]
    assert LOOK_BACK_DAYS < kept_days
