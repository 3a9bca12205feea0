"""What AWS's services do with the stack's resources, read from the template.

No emulator shows these calls: the alarms' messages, API Gateway's and EventBridge's calls of
functions, the workflow's calls of its tasks, and what Lambda, X-Ray and the workflow's log need.
"""

import json
import re
from collections.abc import Iterator

from infra.emulator import ACCOUNT
from tests.rights.iam import Request
from tests.rights.policies import function_arn
from tests.rights.template import Json, Template

_FUNCTION = re.compile(r"/functions/(arn:[^/]+)/invocations")
_ALARM_ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
_TRACING = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
_SAMPLING = ("xray:GetSamplingRules", "xray:GetSamplingTargets")
_LOG_DELIVERY = (
    "CreateLogDelivery",
    "GetLogDelivery",
    "UpdateLogDelivery",
    "DeleteLogDelivery",
    "ListLogDeliveries",
    "PutResourcePolicy",
    "DescribeResourcePolicies",
    "DescribeLogGroups",
)
"""Source: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html"""


def requests_of_services(template: Template) -> set[Request]:
    """Return everything that services do, whoever they do it as."""
    return {
        *_alarms(template),
        *_schedules(template),
        *_api(template),
        *_workflow(template),
        *_lambda(template),
    }


def _alarms(template: Template) -> Iterator[Request]:
    for id_, alarm in template.all("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        for topic in (topic for name in _ALARM_ACTIONS for topic in alarm.get(name, [])):
            yield _by("cloudwatch", "sns:Publish", topic, source=template.arn(id_))


def _schedules(template: Template) -> Iterator[Request]:
    actions = {"lambda": "lambda:InvokeFunction", "sns": "sns:Publish", "sqs": "sqs:SendMessage"}
    for id_, rule in template.all("AWS::Events::Rule"):
        for target in rule["Targets"]:
            dead_letters = target.get("DeadLetterConfig", {}).get("Arn")
            for arn in filter(None, (target["Arn"], dead_letters)):
                service = arn.split(":")[2]
                if role := target.get("RoleArn"):
                    yield Request(role, actions[service], arn)
                else:
                    yield _by("events", actions[service], arn, source=template.arn(id_))


def _api(template: Template) -> Iterator[Request]:
    for _, method in template.all("AWS::ApiGateway::Method"):
        if found := _FUNCTION.search(method["Integration"].get("Uri", "")):
            source = f"{template.arn(method['RestApiId'])}/live/{method['HttpMethod']}/any"
            yield _by("apigateway", "lambda:InvokeFunction", found[1], source=source)
    for id_, authorizer in template.all("AWS::ApiGateway::Authorizer"):
        if found := _FUNCTION.search(authorizer["AuthorizerUri"]):
            source = f"{template.arn(authorizer['RestApiId'])}/authorizers/{id_}"
            yield _by("apigateway", "lambda:InvokeFunction", found[1], source=source)


def _workflow(template: Template) -> Iterator[Request]:
    for _, machine in template.all("AWS::StepFunctions::StateMachine"):
        role = machine["RoleArn"]
        for state in json.loads(machine["DefinitionString"])["States"].values():
            if state["Type"] == "Task":
                yield Request(role, "lambda:InvokeFunction", _function_of(template, state))
        if machine.get("TracingConfiguration", {}).get("Enabled"):
            yield from (Request(role, action, "*") for action in (*_TRACING, *_SAMPLING))
        if machine.get("LoggingConfiguration", {}).get("Level", "OFF") != "OFF":
            yield from (Request(role, f"logs:{name}", "*") for name in _LOG_DELIVERY)


def _function_of(template: Template, state: Json) -> str:
    """Return the ARN of the function that the task calls."""
    resource = str(state["Resource"])
    if resource.startswith("arn:aws:lambda"):
        return resource
    return function_arn(template, state["Parameters"]["FunctionName"])


def _lambda(template: Template) -> Iterator[Request]:
    """Lambda itself acts as the function's role: for its log, its traces, its destinations."""
    roles = {}
    for id_, function in template.all("AWS::Lambda::Function"):
        roles[id_] = role = function["Role"]
        stream = template.arn(function["LoggingConfig"]["LogGroup"]).removesuffix("*")
        for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
            yield Request(role, action, f"{stream}log-stream:any")
        if function.get("TracingConfig", {}).get("Mode") == "Active":
            yield from (Request(role, action, "*") for action in _TRACING)
    for _, asynchronous in template.all("AWS::Lambda::EventInvokeConfig"):
        destinations = asynchronous.get("DestinationConfig", {})
        for destination in destinations.values():
            arn = destination["Destination"]
            action = {"sns": "sns:Publish", "sqs": "sqs:SendMessage"}[arn.split(":")[2]]
            yield Request(roles[asynchronous["FunctionName"].split(":")[-1]], action, arn)


def _by(service: str, action: str, resource: str, *, source: str) -> Request:
    """Return what *service* does for the resource *source* of this account, over TLS."""
    context = (
        ("aws:sourcearn", source),
        ("aws:sourceaccount", ACCOUNT),
        ("aws:securetransport", "true"),
    )
    return Request(f"{service}.amazonaws.com", action, resource, context)
