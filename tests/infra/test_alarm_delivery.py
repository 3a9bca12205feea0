"""Every sender of a message to an SNS topic is allowed to publish by the topic's policy.

A topic without a policy has a default that allows its own account. A policy of one's own replaces
it, and then CloudWatch and EventBridge need a statement each. What they are and what they may do is
read from the template.

Sources: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html,
https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
"""

import copy
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.infra.synthesized import Json, Synthesized, as_list, template_of

CLOUDWATCH, EVENTBRIDGE = "cloudwatch.amazonaws.com", "events.amazonaws.com"
ALARMS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
ALARM_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
OWN_ACCOUNT = {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}


def senders(stack: Synthesized) -> set[tuple[str, str]]:
    """Return each pair of a topic's logical id and a service that sends to it."""
    found = {
        (action["Ref"], CLOUDWATCH)
        for type_ in ALARMS
        for alarm in stack.properties(type_)
        for name in ALARM_ACTIONS
        for action in alarm.get(name, [])
    }
    targets = (t for rule in stack.properties("AWS::Events::Rule") for t in rule["Targets"])
    topics = {id_ for id_, _ in stack.all("AWS::SNS::Topic")}
    return found | {
        (target["Arn"]["Ref"], EVENTBRIDGE)
        for target in targets
        if target["Arn"].get("Ref") in topics
    }


def statements(stack: Synthesized, topic: str) -> Iterator[Json]:
    """Yield the statements of the topic's policies; none: the topic has AWS's default."""
    for policy in stack.properties("AWS::SNS::TopicPolicy"):
        if {"Ref": topic} in policy["Topics"]:
            yield from policy["PolicyDocument"]["Statement"]


def may_publish(stack: Synthesized, topic: str, service: str) -> bool:
    """Return whether *service* may publish to *topic*, on behalf of this account alone."""
    policy = list(statements(stack, topic))
    return not policy or any(
        statement["Effect"] == "Allow"
        and service in as_list(statement["Principal"].get("Service", []))
        and "sns:Publish" in as_list(statement["Action"])
        and {"Ref": topic} in as_list(statement["Resource"])
        and statement["Condition"] == OWN_ACCOUNT
        for statement in policy
    )


def undelivered(stack: Synthesized) -> set[tuple[str, str]]:
    """Return the senders whose messages SNS would refuse."""
    return {pair for pair in senders(stack) if not may_publish(stack, *pair)}


@pytest.mark.parametrize("environment", ["production", "local"])
def test_every_sender_may_publish(environment: str):
    """Alarms reach the topic."""
    stack = template_of(environment)

    assert CLOUDWATCH in {service for _, service in senders(stack)}
    assert set() == undelivered(stack)


def test_a_policy_that_only_demands_tls_is_found(production: Synthesized):
    """What `enforce_ssl` alone makes: a Deny in place of the default that allows the account."""
    template = copy.deepcopy(production.template)
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::SNS::TopicPolicy":
            document = resource["Properties"]["PolicyDocument"]
            document["Statement"] = [s for s in document["Statement"] if s["Effect"] == "Deny"]

    assert senders(production) == undelivered(replace(production, template=template))


def test_every_alarm_has_a_topic(production: Synthesized):
    """An alarm without an action reaches nobody."""
    topics = {id_ for id_, _ in production.all("AWS::SNS::Topic")}

    for alarm in production.properties("AWS::CloudWatch::Alarm"):
        assert topics >= {action["Ref"] for action in alarm["AlarmActions"]} > set()
