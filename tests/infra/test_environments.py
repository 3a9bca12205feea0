"""Several environments in one account and region have nothing in common."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from functions.common.metric_names import NAMESPACE
from infra.context import MissingSettingError, environment_from_context
from infra.emulator import ACCOUNT, REGION
from infra.environments import ENVIRONMENTS, LOCAL, PRODUCTION, STAGING
from infra.functions import FUNCTIONS
from infra.target import WrongTargetError, target_of
from tests.infra.synthesized import (
    Synthesized,
    make_stack,
    metrics_of,
    synthesize,
    template_of,
)

MLFLOW = "https://mlflow.staging.example"
REAL = {"CDK_DEFAULT_ACCOUNT": "123456789012", "CDK_DEFAULT_REGION": "eu-west-1"}
EMULATED = {"CDK_DEFAULT_ACCOUNT": ACCOUNT, "CDK_DEFAULT_REGION": REGION}
HERE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}
NAMES = {"AlarmName", "DashboardName", "LogGroupName", "Name", "StateMachineName", "TableName"}
"""Properties that choose a name; without one CloudFormation makes a name of the stack's."""
NAMED_INSIDE = {"AWS::ApiGateway::Authorizer", "AWS::Lambda::Alias"}
"""Their names need to differ within one API, or one function, alone."""

_DIMENSION = "Metric.Dimensions.Value"
_SLI = "Properties.RequestBasedSli.RequestBasedSliMetric"
DIFFERENCES = {
    ("AWS::ApiGateway::RestApi", "Properties.Name"),
    ("AWS::ApiGateway::Stage", "Properties.AccessLogSetting.Format"),
    ("AWS::ApplicationSignals::ServiceLevelObjective", "Properties.Name"),
    *(
        ("AWS::ApplicationSignals::ServiceLevelObjective", f"{counted}.MetricStat.{_DIMENSION}")
        for counted in (
            f"{_SLI}.TotalRequestCountMetric",
            f"{_SLI}.MonitoredRequestCountMetric.BadCountMetric",
            f"{_SLI}.MonitoredRequestCountMetric.GoodCountMetric",
        )
    ),
    ("AWS::CloudWatch::Alarm", "Properties.AlarmName"),
    ("AWS::CloudWatch::Alarm", "Properties.Dimensions.Value"),
    ("AWS::CloudWatch::Alarm", f"Properties.Metrics.MetricStat.{_DIMENSION}"),
    ("AWS::CloudWatch::CompositeAlarm", "Properties.AlarmName"),
    ("AWS::CloudWatch::Dashboard", "Properties.DashboardBody"),
    ("AWS::CloudWatch::Dashboard", "Properties.DashboardName"),
    ("AWS::DynamoDB::GlobalTable", "DeletionPolicy"),
    ("AWS::DynamoDB::GlobalTable", "Properties.TableName"),
    ("AWS::DynamoDB::GlobalTable", "UpdateReplacePolicy"),
    ("AWS::Events::EventBus", "Properties.Name"),
    ("AWS::IAM::Policy", "StateMachine"),
    ("AWS::Lambda::Function", "Variables.ENVIRONMENT"),
    ("AWS::Lambda::Function", "Variables.INSTALLATION"),
    ("AWS::Lambda::Function", "Variables.MLFLOW_TRACKING_URI"),
    ("AWS::Lambda::Function", "Variables.STATE_MACHINE_ARN"),
    ("AWS::Logs::LogGroup", "Properties.LogGroupName"),
    ("AWS::Logs::QueryDefinition", "Properties.Name"),
    ("AWS::SecretsManager::Secret", "DeletionPolicy"),
    ("AWS::SecretsManager::Secret", "UpdateReplacePolicy"),
    ("AWS::StepFunctions::StateMachine", "Properties.StateMachineName"),
    ("AWS::XRay::SamplingRule", "Properties.SamplingRule.RuleName"),
}
"""Where staging's template is another than production's: names, the registry, what is kept."""


@pytest.fixture(scope="module")
def staging(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """Staging's template, with a registry."""
    return synthesize(
        replace(STAGING, mlflow_tracking_uri=MLFLOW), tmp_path_factory.mktemp("staging")
    )


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each value that differs."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from differences(one.get(key), other.get(key), f"{path}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, path=f"{path}.{index}")
    elif one != other:
        yield path.removeprefix(".")


def resources(stack: Synthesized) -> Any:
    """Return the resources; those whose logical id is a hash have the same one everywhere."""
    text = json.dumps(stack.template["Resources"])
    (deployment,) = (id_ for id_, _ in stack.all("AWS::ApiGateway::Deployment"))
    text = text.replace(deployment, "Deployment")
    for id_, _ in stack.all("AWS::Lambda::Version"):
        text = text.replace(id_, id_.partition("CurrentVersion")[0] + "CurrentVersion")
    return json.loads(text)


def place(type_: str, path: str) -> tuple[str, str]:
    """Return type and place, the same for every policy statement and every function."""
    if type_ == "AWS::IAM::Policy" and "Resource" in path:
        return type_, "StateMachine"
    if type_.startswith(("AWS::CloudWatch", "AWS::ApplicationSignals")):
        path = re.sub(r"\.\d+", "", path)
    return type_, path.replace("Properties.Environment.", "").removesuffix(".Fn::Join.1.5")


def test_staging_differs_from_production_in_names_registry_and_what_is_kept(
    production: Synthesized, staging: Synthesized
):
    """So what works there works here."""
    one, other = resources(production), resources(staging)

    assert one.keys() == other.keys()
    found = {
        place(one[id_]["Type"], re.sub(r"\.Fn::Join.*$", "", path))
        for id_ in one
        for path in differences(one[id_], other[id_])
    }
    assert DIFFERENCES == found


@pytest.mark.parametrize("pair", [*combinations(ENVIRONMENTS, 2)], ids="-".join)
def test_no_name_is_chosen_twice(pair: tuple[str, str]):
    """A second environment neither fails on a name nor takes over what has it."""
    chosen = [
        {
            json.dumps(resource["Properties"][name])
            for resource in template_of(environment).template["Resources"].values()
            for name in NAMES & resource.get("Properties", {}).keys()
            # A reference is to a name that CloudFormation makes.
            if "Ref" not in resource["Properties"][name]
            if resource["Type"] not in NAMED_INSIDE
        }
        for environment in pair
    ]

    assert set() == chosen[0] & chosen[1]
    assert ENVIRONMENTS[pair[0]].stack_name != ENVIRONMENTS[pair[1]].stack_name


def test_each_installation_marks_its_own_endpoints():
    """The reconciler deletes endpoints with its mark that no record names."""
    marks = {each.installation(ACCOUNT, REGION) for each in ENVIRONMENTS.values()}

    assert len(ENVIRONMENTS) == len(marks)
    assert f"{ACCOUNT}-{REGION}" == PRODUCTION.installation(ACCOUNT, REGION)


def test_functions_and_alarms_share_the_dimension(production: Synthesized, staging: Synthesized):
    """An alarm of one environment counts no metric of another."""
    for stack, name in ((production, "production"), (staging, "staging")):
        values = {stack.variables(spec.handler)["ENVIRONMENT"] for spec in FUNCTIONS}
        dimensions = [
            {each["Name"]: each["Value"] for each in metric["Dimensions"]}
            for alarm in stack.properties("AWS::CloudWatch::Alarm")
            for metric in metrics_of(alarm)
            if metric["Namespace"] == NAMESPACE
        ]
        assert {name} == values == {each["environment"] for each in dimensions}


def test_the_stack_is_tagged(tmp_path: Path):
    """With the environment's name; CloudFormation copies a stack's tags to its resources."""
    app = cdk.App.of(make_stack(PRODUCTION, tmp_path))
    assert isinstance(app, cdk.App)
    (stack,) = app.synth().stacks

    assert {"service": "hokus-model-serving", "environment": "production"} == stack.tags


def test_staging_needs_a_registry_of_its_own():
    """The message says how to give it."""
    with pytest.raises(MissingSettingError, match="-c mlflow_tracking_uri="):
        environment_from_context({"env": "staging"}.get)

    given = {"env": "staging", "mlflow_tracking_uri": MLFLOW}
    assert MLFLOW == environment_from_context(given.get).mlflow_tracking_uri


@pytest.mark.parametrize(
    "variables",
    [REAL, REAL | HERE, EMULATED, EMULATED | {"AWS_ENDPOINT_URL": "https://aws.example"}],
)
def test_the_local_environment_refuses_an_account_of_aws(variables: dict[str, str]):
    """Also one that only looks like the emulator's."""
    with pytest.raises(WrongTargetError, match="env=local is for MiniStack"):
        target_of(LOCAL, variables)


@pytest.mark.parametrize("variables", [{}, HERE, EMULATED | HERE])
def test_the_local_environment_is_bound_to_the_emulators_account(variables: dict[str, str]):
    """The CDK's CLI refuses to deploy it with credentials of another one."""
    target = target_of(LOCAL, variables)

    assert (ACCOUNT, REGION) == (target.account, target.region)


def test_other_environments_take_the_account_of_the_credentials():
    """Without any, the template fits every account."""
    target = target_of(STAGING, REAL)

    assert tuple(REAL.values()) == (target.account, target.region)
    assert (None, None) == (target_of(PRODUCTION, {}).account, target_of(PRODUCTION, {}).region)
