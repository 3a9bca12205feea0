"""AWS's services may do in the stack what the template has them do, for this account alone.

Alarms publish to their topic; API Gateway, EventBridge and the workflow call functions; Lambda
writes logs and traces as the function's role.
"""

import copy
from dataclasses import replace

import pytest

from infra.emulator import ACCOUNT
from tests.infra.synthesized import Json, template_of
from tests.rights.iam import is_allowed
from tests.rights.policies import policies
from tests.rights.services import requests_of_services
from tests.rights.template import Template
from tests.rights.verdict import Verdict

ENVIRONMENTS = ("production", "staging", "local")
CLOUDWATCH = "cloudwatch.amazonaws.com"


@pytest.fixture(params=ENVIRONMENTS)
def template(request: pytest.FixtureRequest) -> Template:
    return Template(template_of(request.param).template)


def without(template: Template, type_: str, effect: str) -> Template:
    """Return *template* whose policies of *type_* have no statements of *effect*."""
    document = copy.deepcopy(template.document)
    for resource in document["Resources"].values():
        if resource["Type"] == type_:
            policy: Json = resource["Properties"]["PolicyDocument"]
            policy["Statement"] = [s for s in policy["Statement"] if s["Effect"] != effect]
    return Template(document)


def test_nothing_is_missing(template: Template):
    assert [] == Verdict(template).missing


def test_nothing_is_unused(template: Template):
    assert [] == Verdict(template).unused_by_services


def test_every_kind_of_sender_is_there(template: Template):
    """Or nothing would be asked."""
    senders = {request.principal.split("/")[0] for request in requests_of_services(template)}
    services = {"apigateway.amazonaws.com", CLOUDWATCH, "events.amazonaws.com"}
    assert services <= senders
    assert len(senders - services) == 1, "the roles of the workflow and of the functions"


def test_a_policy_of_the_topic_that_only_demands_tls_is_found(template: Template):
    """What `enforce_ssl` alone makes: a Deny in place of the default that allows the account."""
    found = Verdict(without(template, "AWS::SNS::TopicPolicy", "Allow")).missing

    topics = [template.arn(id_) for id_, _ in template.all("AWS::SNS::Topic")]
    assert 1 == len(found)
    assert found[0] in {f"{CLOUDWATCH} may not sns:Publish on {topic}" for topic in topics}


@pytest.mark.parametrize("type_", ["AWS::Lambda::Permission", "AWS::IAM::Policy"])
def test_what_has_no_rights_at_all_is_found(template: Template, type_: str):
    resources = template.document["Resources"].items()
    left = {id_: resource for id_, resource in resources if resource["Type"] != type_}
    found = " ".join(Verdict(Template({"Resources": left})).missing)

    if type_ == "AWS::Lambda::Permission":
        assert "events.amazonaws.com may not lambda:InvokeFunction on " in found
        assert "apigateway.amazonaws.com may not lambda:InvokeFunction on " in found
    else:
        assert "Predict may not logs:PutLogEvents on " in found
        assert "Predict may not xray:PutTraceSegments on *" in found


def test_no_service_acts_for_another_account(template: Template):
    """A stranger's alarm, rule or API that names our resources is refused."""
    statements = policies(template)
    for request in requests_of_services(template):
        if request.principal.endswith(".amazonaws.com"):
            theirs = ((key, value.replace(ACCOUNT, "9" * 12)) for key, value in request.context)
            foreign = replace(request, context=tuple(theirs))
            assert not is_allowed(foreign, statements), request


def test_every_alarm_has_a_topic(template: Template):
    """An alarm without an action reaches nobody, unless another one depends on it."""
    topics = {template.arn(id_) for id_, _ in template.all("AWS::SNS::Topic")}
    composites = [alarm for _, alarm in template.all("AWS::CloudWatch::CompositeAlarm")]
    rules = " ".join(alarm["AlarmRule"] for alarm in composites)
    alarms = [
        alarm
        for id_, alarm in template.all("AWS::CloudWatch::Alarm")
        if template.arn(id_) not in rules
    ]

    for alarm in [*alarms, *composites]:
        assert topics >= set(alarm["AlarmActions"]) > set()
