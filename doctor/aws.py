"""Checks of what is in the AWS account: stack, secrets, schedule, alarms, bucket."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from doctor.findings import Finding, note, ok, unknown, wrong
from doctor.live_installation import SECRETS, LiveInstallation, SecretNotReadableError
from functions.authorizer.bearer import KeyRefusedError, check_form
from functions.common.secrets import NOT_SET, SecretUnavailableError, header_value
from functions.provision.registry.credentials import Credentials
from infra.environments import LOCAL

_SOUND = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
_RATE = re.compile(r"rate\((\d+) (minute|hour)s?\)")


def check_stack(live: LiveInstallation) -> Iterator[Finding]:
    """Check that the last deployment has come to an end."""
    stack = live.installation
    subject = f"stack {stack.stack_name}"
    if stack.status in _SOUND:
        yield ok(subject, stack.status)
    else:
        yield wrong(subject, f"{stack.status}: see its events, then `make deploy` again.")


def check_secrets(live: LiveInstallation) -> Iterator[Finding]:
    """Check that the secrets are filled, and hold nothing that was pasted along."""
    for output in SECRETS:
        try:
            value = live.secret(output).value
        except SecretNotReadableError as error:
            yield unknown(output, f"your credentials may not read it. {error}")
            continue
        fill = (
            "aws secretsmanager put-secret-value --secret-id "
            f"{live.installation.outputs[output]} --secret-string …"
        )
        text = value.strip()
        if text in {"", NOT_SET}:
            yield wrong(output, f"is not filled. Fill it with: {fill}")
        elif fault := _fault_of_form(output, text):
            yield wrong(output, f"{fault} Fill it again: {fill}")
        elif text != value:
            yield note(output, "is filled; the white space around it is left out")
        else:
            yield ok(output, "is filled")


def _fault_of_form(output: str, value: str) -> str | None:
    if output == "MlflowCredentialsSecret":
        try:
            Credentials.from_secret(value, name=output)
        except SecretUnavailableError as error:
            return str(error)
    if output == "UptimeApiKeySecret":
        try:
            check_form(value)
        except KeyRefusedError:
            return "is no API key, which begins with hk_live_."
    if output.startswith("HuggingFace"):
        if not value.startswith("hf_"):
            return "is no token of Hugging Face, which begins with hf_."
        try:
            header_value(value, name=output)
        except SecretUnavailableError as error:
            return str(error)
    return None


def check_schedule(live: LiveInstallation) -> Iterator[Finding]:
    """Check that the reconciler is called regularly, and has come to an end lately."""
    outputs = live.installation.outputs
    rule = live.installation.client("events").describe_rule(Name=outputs["ReconciliationRule"])
    if rule["State"] != "ENABLED":
        yield wrong(
            "schedule",
            "is disabled, so that nothing is repaired. Enable it: aws events enable-rule --name "
            f"{outputs['ReconciliationRule']}",
        )
        return
    yield ok("schedule", f"is enabled, {rule['ScheduleExpression']}")
    interval = _interval(rule["ScheduleExpression"])
    since = datetime.now(UTC) - 2 * interval - timedelta(minutes=5)
    if _has_finished_since(live, since):
        yield ok("last reconciliation", "came to an end within two intervals")
    else:
        yield wrong(
            "last reconciliation",
            f"none has come to an end since {since:%H:%M} UTC: see the log of "
            f"{outputs['ReconcileFunction']}.",
        )


def _interval(expression: str) -> timedelta:
    found = _RATE.fullmatch(expression)
    if not found:
        return timedelta(hours=1)
    return timedelta(**{f"{found[2]}s": int(found[1])})


def _has_finished_since(live: LiveInstallation, since: datetime) -> bool:
    function = live.installation.client("lambda").get_function_configuration(
        FunctionName=live.installation.outputs["ReconcileFunction"]
    )
    pages = live.installation.client("logs").get_paginator("filter_log_events")
    found = pages.paginate(
        logGroupName=function["LoggingConfig"]["LogGroup"],
        startTime=int(since.timestamp() * 1000),
        filterPattern='"reconcile.finished"',
    )
    return any(page["events"] for page in found)


def check_alarms(live: LiveInstallation) -> Iterator[Finding]:
    """Check that somebody receives the alarms."""
    topic = live.installation.outputs["AlarmTopic"]
    pages = live.installation.client("sns").get_paginator("list_subscriptions_by_topic")
    subscriptions = [
        each for page in pages.paginate(TopicArn=topic) for each in page["Subscriptions"]
    ]
    confirmed = [each for each in subscriptions if each["SubscriptionArn"].startswith("arn:")]
    if confirmed:
        yield ok("alarms", f"go to {len(confirmed)} confirmed subscriber(s)")
    elif live.installation.name == LOCAL.name:
        yield note("alarms", "nobody receives those of a local system")
    elif subscriptions:
        yield wrong("alarms", "no subscriber has confirmed: follow the link in AWS's e-mail.")
    else:
        yield wrong("alarms", f"nobody receives them: set alarm_email, or subscribe to {topic}.")


def check_bucket(live: LiveInstallation) -> Iterator[Finding]:
    """Check that the bucket of artifacts is there; the functions' own rights are the stack's."""
    bucket = live.installation.outputs.get("ArtifactBucket")
    if bucket is None:
        yield note("artifact bucket", "none is set: MLflow must hand out its files itself")
        return
    live.installation.client("s3").list_objects_v2(Bucket=bucket, MaxKeys=1)
    yield ok("artifact bucket", f"{bucket} can be read with your credentials")
