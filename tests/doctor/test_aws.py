"""Checks of what is in the AWS account."""

import time

import boto3
import pytest

from doctor.aws import check_alarms, check_bucket, check_schedule, check_secrets, check_stack
from functions.common.secrets import NOT_SET
from tests.doctor.examined import CALLING, MANAGING, Examined, levels, only


@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS", "DELETE_FAILED"])
def test_a_deployment_that_has_not_ended_well_is_wrong(it: Examined, status: str) -> None:
    """Its status is shown."""
    it.status = status

    assert ("WRONG", True) == (
        only(it.look(check_stack)).level,
        status in str(only(it.look(check_stack))),
    )


@pytest.mark.parametrize(
    ("output", "value", "said"),
    [
        (MANAGING, NOT_SET, "not filled"),
        (CALLING, "hf_call\ning", "no header"),
        (CALLING, "sk-something", "hf_"),
        ("MlflowCredentialsSecret", NOT_SET, "not filled"),
        ("UptimeApiKeySecret", NOT_SET, "not filled"),
        ("UptimeApiKeySecret", "hf_calling", "hk_live_"),
        ("MlflowCredentialsSecret", "alice:pass", "username"),
        ("MlflowCredentialsSecret", '{"user": "alice"}', "username"),
    ],
)
def test_a_secret_that_cannot_work_is_wrong(
    it: Examined, output: str, value: str, said: str
) -> None:
    """The line has the command that fills it, and not its value."""
    it.put(output, value)

    (fault,) = (each for each in it.look(check_secrets) if each.level == "WRONG")

    assert output == fault.subject
    assert said in fault.text
    assert "put-secret-value" in fault.text
    assert value.strip() not in fault.text or value == NOT_SET


def test_white_space_around_a_secret_is_a_note(it: Examined) -> None:
    """The functions leave it out."""
    it.put(CALLING, "hf_calling\n")

    assert "note" == levels(it.look(check_secrets))[CALLING]


def test_a_secret_that_may_not_be_read_is_unknown(it: Examined) -> None:
    """It is no fault of the installation."""
    boto3.client("secretsmanager").delete_secret(
        SecretId="WebhookSecret", ForceDeleteWithoutRecovery=True
    )

    assert "?" == levels(it.look(check_secrets))["WebhookSecret"]


def test_an_unreadable_bucket_is_unknown_and_none_is_a_note(it: Examined) -> None:
    """One's own credentials say little about those of the functions."""
    assert "note" == only(it.look(check_bucket)).level
    it.outputs["ArtifactBucket"] = "artifacts"
    assert "?" == only(it.look(check_bucket)).level
    boto3.client("s3").create_bucket(Bucket="artifacts")
    assert "ok" == only(it.look(check_bucket)).level


def test_alarms_need_a_confirmed_subscriber(it: Examined) -> None:
    """A local system's need none."""
    sns = boto3.client("sns")
    it.outputs["AlarmTopic"] = sns.create_topic(Name="alarms")["TopicArn"]
    assert "WRONG" == only(it.look(check_alarms)).level
    it.name = "local"
    assert "note" == only(it.look(check_alarms)).level
    sns.subscribe(TopicArn=it.outputs["AlarmTopic"], Protocol="email", Endpoint="a@example.com")
    assert "ok" == only(it.look(check_alarms)).level


def test_a_disabled_schedule_or_a_silent_reconciler_is_wrong(it: Examined) -> None:
    """The log of the last two intervals has a line that a run has ended."""
    rules, logs = boto3.client("events"), boto3.client("logs")
    rules.put_rule(Name="schedule", ScheduleExpression="rate(15 minutes)")
    logs.create_log_group(logGroupName="reconcile")
    logs.create_log_stream(logGroupName="reconcile", logStreamName="s")
    it.outputs["ReconciliationRule"] = "schedule"

    assert ["ok", "WRONG"] == [each.level for each in it.look(check_schedule)]
    logs.put_log_events(
        logGroupName="reconcile",
        logStreamName="s",
        logEvents=[{"timestamp": int(time.time() * 1000), "message": '"reconcile.finished"'}],
    )
    assert ["ok", "ok"] == [each.level for each in it.look(check_schedule)]
    rules.disable_rule(Name="schedule")
    assert ["WRONG"] == [each.level for each in it.look(check_schedule)]
