"""Published versions: the alias `live` names the newest, and executions keep the one they name."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from infra.constructs.python_function import GENERATION
from infra.environments import LOCAL
from infra.functions import FUNCTIONS, PREDICT, RECONCILE
from infra.workflow_tasks import TASKS
from tests.infra.synthesized import Synthesized, as_list, make_app, synthesize, template_of

FUNCTION, VERSION = "AWS::Lambda::Function", "AWS::Lambda::Version"
ALIAS, PERMISSION = "AWS::Lambda::Alias", "AWS::Lambda::Permission"
NOT_CALLS = {
    (VERSION, "FunctionName"),
    (ALIAS, "FunctionName"),
    # Set for the alias, by its Qualifier.
    ("AWS::Lambda::EventInvokeConfig", "FunctionName"),
    # By name, in a metric's dimensions.
    ("AWS::CloudWatch::Alarm", "Dimensions"),
    ("AWS::CloudWatch::Alarm", "Metrics"),
    ("AWS::CloudWatch::Dashboard", "DashboardBody"),
}
"""Where a template may name a function without a version or alias."""

both = pytest.mark.parametrize("environment", ["production", "local"])


def references(value: Any) -> Iterator[str]:
    """Yield the logical id of every resource that *value* refers to."""
    if isinstance(value, dict):
        if isinstance(value.get("Ref"), str):
            yield value["Ref"]
        elif "Fn::GetAtt" in value:
            yield value["Fn::GetAtt"][0]
        else:
            for each in value.values():
                yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def versions_of(stack: Synthesized) -> dict[str, str]:
    """Return the logical id of the version by its function's entry."""
    return {stack.handler_of(id_): id_ for id_, _ in stack.all(VERSION)}


@both
def test_every_function_is_published_under_the_alias(environment: str):
    """The alias names the version that this template publishes."""
    stack = template_of(environment)
    versions = versions_of(stack)
    aliases = {stack.handler_of(id_): alias["Properties"] for id_, alias in stack.all(ALIAS)}

    assert {spec.handler for spec in FUNCTIONS} == versions.keys() == aliases.keys()
    for handler, alias in aliases.items():
        version = {"Fn::GetAtt": [versions[handler], "Version"]}
        assert ("live", version) == (alias["Name"], alias["FunctionVersion"])


def test_a_version_outlives_its_deployment_but_not_a_rollback(production: Synthesized):
    """Executions still call it. After a rollback Lambda would refuse to publish the same again.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-versions.html
    """
    for _, version in production.all(VERSION):
        policies = (version["DeletionPolicy"], version["UpdateReplacePolicy"])
        assert ("RetainExceptOnCreate", "Retain") == policies


@both
def test_nobody_calls_the_unpublished_code(environment: str):
    """Everything but the workflow's right to call old versions names an alias or a version."""
    stack = template_of(environment)
    functions = {id_ for id_, _ in stack.all(FUNCTION)}
    found = {
        (resource["Type"], name, used)
        for resource in stack.template["Resources"].values()
        for name, value in resource.get("Properties", {}).items()
        for used in functions.intersection(references(value))
        if (resource["Type"], name) not in NOT_CALLS
    }

    assert {("AWS::IAM::Policy", "PolicyDocument")} == {place[:2] for place in found}
    assert {spec.handler for spec in TASKS.values()} == {
        stack.handler_of(used) for _, _, used in found
    }


@both
def test_services_are_allowed_to_call_the_alias(environment: str):
    """A function's policy holds for its unpublished code alone."""
    stack = template_of(environment)
    aliases = {id_ for id_, _ in stack.all(ALIAS)}

    for permission in stack.properties(PERMISSION):
        assert permission["FunctionName"]["Ref"] in aliases
    for asynchronous in stack.properties("AWS::Lambda::EventInvokeConfig"):
        assert aliases & {*references(asynchronous["Qualifier"])}


@both
def test_executions_keep_the_tasks_that_they_began_with(environment: str):
    """The definition names versions; the reconciler is the newest one."""
    stack = template_of(environment)
    called = {*references(stack.only("AWS::StepFunctions::StateMachine")["DefinitionString"])}
    kinds = {stack.handler_of(id_): stack.template["Resources"][id_]["Type"] for id_ in called}

    assert {RECONCILE.handler: ALIAS} | {spec.handler: VERSION for spec in TASKS.values()} == kinds


def test_the_workflow_may_call_every_version_of_its_tasks(production: Synthesized):
    """Those of earlier definitions too; of the reconciler the alias, and nothing else."""
    (role,) = references(production.only("AWS::StepFunctions::StateMachine")["RoleArn"])
    resources = [
        resource
        for policy in production.properties("AWS::IAM::Policy")
        if {"Ref": role} in policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "lambda:InvokeFunction" in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
    ]
    patterns = [resource["Fn::Join"] for resource in resources if "Fn::Join" in resource]
    named = {production.handler_of(each["Ref"]) for each in resources if "Ref" in each}

    assert all(":*" == parts[-1] for _, parts in patterns)
    tasks = {spec.handler for spec in TASKS.values()}
    assert tasks == {production.handler_of(parts[0]["Fn::GetAtt"][0]) for _, parts in patterns}
    assert {RECONCILE.handler} == named - tasks


def test_what_does_not_change_a_function_publishes_nothing(local: Synthesized, tmp_path: Path):
    """Lambda would refuse a version that is the same as the newest one."""
    other = replace(
        LOCAL,
        reserved_concurrency={PREDICT.name: 10},
        requests_per_second=7,
        reconcile_every_min=50,
    )

    assert versions_of(local) == versions_of(synthesize(other, tmp_path))


def test_a_changed_variable_publishes_the_functions_that_have_it(
    local: Synthesized, tmp_path: Path
):
    """A version keeps the variables that it was published with."""
    other = replace(LOCAL, auth_url="https://auth.example")
    before, after = versions_of(local), versions_of(synthesize(other, tmp_path))

    changed = {handler for handler, id_ in after.items() if before[handler] != id_}
    assert {spec.handler for spec in FUNCTIONS if "AUTH_URL" in spec.variables} == changed


def test_the_cdk_gives_an_unchanged_function_the_same_version(tmp_path: Path):
    """A release of the CDK that does not is deployed together with another GENERATION.

    Else nothing of the functions would change but their versions' ids, and CloudFormation would
    refuse: "A version for this Lambda function exists".
    """
    stack = cdk.Stack(make_app(tmp_path), "Fixed")
    function = lambda_.Function(
        stack,
        "Function",
        runtime=lambda_.Runtime.PYTHON_3_13,
        handler="index.handler",
        code=lambda_.Code.from_inline("def handler(event, context): ..."),
        environment={"A": "1"},
    )
    version = stack.resolve(function.current_version.function_arn)["Ref"]

    known = "FunctionCurrentVersion4E2B2261df425823093b1a85863450b424532b5e"
    assert (1, known) == (GENERATION, version)


def test_the_generation_is_in_every_function(local: Synthesized):
    """Another one publishes every function anew."""
    for function in local.properties(FUNCTION):
        assert f"generation {GENERATION}" in function["Description"]
