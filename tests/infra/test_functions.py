"""Runtime, variables and rights of every function."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.authorizer.settings import AuthorizerSettings
from functions.common.metric_names import ENVIRONMENT_VARIABLE
from functions.common.providers.huggingface.settings import HardwareSettings, HuggingFaceSettings
from functions.common.settings import CorsSettings, Settings
from functions.describe.settings import DescribeSettings
from functions.mlflow_hook.settings import HookSettings
from functions.operate.settings import OperationsSettings
from functions.predict.settings import PredictSettings
from functions.provision.settings import (
    ProvisionSettings,
    ReconcileSettings,
    RegistrySettings,
)
from infra.environments import LOCAL
from infra.function_spec import HUB_CLIENT, MLFLOW_CLIENT, FunctionSpec
from infra.functions import (
    AUTHORIZER,
    DESCRIBE,
    FUNCTIONS,
    MLFLOW_HOOK,
    OPERATE,
    PREDICT,
    RECONCILE,
    TASKS,
)
from tests.infra.synthesized import Json, Synthesized, synthesize

OF_ANY = {"logs:CreateLogStream", "logs:PutLogEvents"}
OF_ANY |= {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
GET, PUT = "dynamodb:GetItem", "dynamodb:PutItem"
UPDATE, QUERY = "dynamodb:UpdateItem", "dynamodb:Query"
DELETE, SCAN = "dynamodb:DeleteItem", "dynamodb:Scan"
CONDITION, BATCH_GET = "dynamodb:ConditionCheckItem", "dynamodb:BatchGetItem"
START, SEE = "states:StartExecution", "states:DescribeExecution"
INVOKE = "lambda:InvokeFunction"
READ_SECRET = "secretsmanager:GetSecretValue"
BOTH_SECRETS = {"HuggingFaceTokenSecret", "MlflowCredentialsSecret"}
CALLING_TOKEN = {"HuggingFaceCallingTokenSecret"}
ON_PROVIDER = ({BATCH_GET, UPDATE, READ_SECRET}, {"HuggingFaceTokenSecret"})
RIGHTS = {
    "Predict": (
        {GET, PUT, UPDATE, DELETE, READ_SECRET, INVOKE},
        CALLING_TOKEN,
    ),
    "Describe": ({GET, QUERY, BATCH_GET}, set()),
    "Authorizer": (set(), set()),
    "MlflowHook": ({GET, PUT, QUERY, READ_SECRET, START, INVOKE}, {"WebhookSecret"}),
    "Operate": ({GET, PUT, QUERY, START, INVOKE}, set()),
    "Reconcile": (
        {PUT, UPDATE, QUERY, SCAN, DELETE, CONDITION, READ_SECRET, START, SEE},
        BOTH_SECRETS,
    ),
    "Validate": ({BATCH_GET, PUT, UPDATE, QUERY, READ_SECRET}, BOTH_SECRETS),
    "Package": ({BATCH_GET, UPDATE, READ_SECRET}, BOTH_SECRETS),
    "Create": ON_PROVIDER,
    "Check": (ON_PROVIDER[0], CALLING_TOKEN),
    "Verify": (ON_PROVIDER[0], CALLING_TOKEN),
    "Activate": ({BATCH_GET, PUT, UPDATE, CONDITION}, set()),
    "Retire": (ON_PROVIDER[0] | {GET}, ON_PROVIDER[1]),
    "CleanUp": ON_PROVIDER,
}
"""Actions beside everybody's, and the secrets that may be read, by function."""

PROVISION = (ProvisionSettings, HuggingFaceSettings, HardwareSettings)
MODELS: dict[str, tuple[type[Settings], ...]] = {
    PREDICT.name: (PredictSettings, HuggingFaceSettings),
    DESCRIBE.name: (DescribeSettings, CorsSettings),
    AUTHORIZER.name: (AuthorizerSettings,),
    MLFLOW_HOOK.name: (HookSettings,),
    OPERATE.name: (OperationsSettings,),
    RECONCILE.name: (*PROVISION, RegistrySettings, ReconcileSettings),
    **{spec.name: PROVISION for spec in TASKS.values()},
    **{TASKS[task].name: (*PROVISION, RegistrySettings) for task in ("validate", "package")},
}
STARTING = (MLFLOW_HOOK, OPERATE, RECONCILE)
CALLING = (PREDICT, MLFLOW_HOOK, OPERATE)
BY_ALIAS = (MLFLOW_HOOK, RECONCILE, TASKS["validate"])

each_function = pytest.mark.parametrize("spec", FUNCTIONS, ids=lambda spec: spec.name)


@each_function
def test_runtime_fits_the_wheels(production: Synthesized, spec: FunctionSpec):
    """Python 3.13 on arm64; traced, with JSON logs in its own log group."""
    function = production.function(spec.handler)

    assert ("python3.13", ["arm64"]) == (function["Runtime"], function["Architectures"])
    assert "Active" == function["TracingConfig"]["Mode"]
    assert "JSON" == function["LoggingConfig"]["LogFormat"]
    assert "Ref" in function["LoggingConfig"]["LogGroup"]


@each_function
@pytest.mark.parametrize("environment", ["production", "local"])
def test_variables_make_the_functions_settings(
    request: pytest.FixtureRequest, environment: str, spec: FunctionSpec
):
    """None is missing or out of bounds."""
    stack: Synthesized = request.getfixturevalue(environment)
    given = {name: _text(value) for name, value in stack.variables(spec.handler).items()}

    for model in MODELS[spec.name]:
        model.from_env(given)


@each_function
def test_every_variable_is_a_setting(local: Synthesized, spec: FunctionSpec):
    """None is misspelt or unused, except those of libraries."""
    known = {name.upper() for model in MODELS[spec.name] for name in model.model_fields}
    known |= {"POWERTOOLS_SERVICE_NAME", ENVIRONMENT_VARIABLE, *MLFLOW_CLIENT, *HUB_CLIENT}

    assert set() == set(local.variables(spec.handler)) - known


@each_function
def test_rights_are_exactly_the_listed_ones(production: Synthesized, spec: FunctionSpec):
    """The role's actions are those of the table in this file."""
    allowed = {action for s in production.statements(spec.handler) for action in s["Action"]}

    assert OF_ANY | RIGHTS[spec.name][0] == allowed


def test_only_describe_and_the_reconciler_read_indexes(production: Synthesized):
    """Rights on the table do not include its indexes."""
    tables = {
        spec.name: [
            statement["Action"]
            for statement in production.statements(spec.handler)
            if "/index/" in json.dumps(statement["Resource"])
        ]
        for spec in FUNCTIONS
    }

    expected = {DESCRIBE.name: [[QUERY]], RECONCILE.name: [[QUERY]]}
    assert expected == {name: found for name, found in tables.items() if found}


@each_function
def test_function_reads_its_own_secrets_only(production: Synthesized, spec: FunctionSpec):
    """The values of the secrets that it uses."""
    readable = _resources(production, spec, READ_SECRET)
    outputs = {name: production.output(name) for name in RIGHTS[spec.name][1]}

    assert sorted(map(str, outputs.values())) == sorted(map(str, readable))


@each_function
def test_token_of_hugging_face_is_the_one_that_may_be_read(
    production: Synthesized, spec: FunctionSpec
):
    """What predicts cannot manage endpoints, and what manages them cannot call them."""
    named = production.variables(spec.handler).get("HUGGINGFACE_TOKEN_SECRET")
    tokens = {"HuggingFaceTokenSecret", "HuggingFaceCallingTokenSecret"} & RIGHTS[spec.name][1]

    for name in tokens:
        assert production.output(name) == named
    assert len(tokens) <= 1


@each_function
def test_only_tracing_has_rights_on_all_resources(production: Synthesized, spec: FunctionSpec):
    """X-Ray's actions have no resource; every other statement has one."""
    for statement in production.statements(spec.handler):
        if "*" in statement["Resource"]:
            assert {"xray:PutTelemetryRecords", "xray:PutTraceSegments"} == set(statement["Action"])


@pytest.mark.parametrize("spec", STARTING, ids=lambda spec: spec.name)
def test_only_executions_of_the_workflow_can_be_started(
    production: Synthesized, spec: FunctionSpec
):
    """Functions with that right have the ARN of the state machine."""
    machine = production.output("StateMachineArn")
    name = production.only("AWS::StepFunctions::StateMachine")["StateMachineName"]

    assert [machine] == _resources(production, spec, START)
    assert machine == production.variables(spec.handler)["STATE_MACHINE_ARN"]
    assert machine["Fn::Join"][1][-1] == f":stateMachine:{name}"


def test_only_the_reconciler_can_describe_executions(production: Synthesized):
    """Those of the workflow, and no others."""
    (resource,) = _resources(production, RECONCILE, SEE)
    name = production.only("AWS::StepFunctions::StateMachine")["StateMachineName"]

    assert resource["Fn::Join"][1][-1] == f":execution:{name}:*"


@pytest.mark.parametrize("spec", CALLING, ids=lambda spec: spec.name)
def test_only_the_reconciler_can_be_invoked(production: Synthesized, spec: FunctionSpec):
    """Functions with that right have the ARN of its alias."""
    (resource,) = _resources(production, spec, INVOKE)

    assert RECONCILE.handler == production.handler_of(resource["Ref"])
    assert resource == production.variables(spec.handler)["RECONCILE_FUNCTION"]


def test_functions_that_manage_endpoints_have_the_installation(production: Synthesized):
    """Account and region distinguish this stack in a shared organisation."""
    managing = (MLFLOW_HOOK, OPERATE, RECONCILE, *TASKS.values())
    expected = {"Fn::Join": ["", [{"Ref": "AWS::AccountId"}, "-", {"Ref": "AWS::Region"}]]}

    assert [expected] * len(managing) == [
        production.variables(spec.handler)["INSTALLATION"] for spec in managing
    ]


def test_the_api_url_depends_on_the_api_only(production: Synthesized):
    """Not on its stage, which depends on every function."""
    address = production.variables(RECONCILE.handler)["API_URL"]
    (api,) = (id_ for id_, _ in production.all("AWS::ApiGateway::RestApi"))

    assert production.output("ApiUrl") == address
    assert {"Ref": api} in address["Fn::Join"][1]
    assert "Stage" not in json.dumps(address)


def test_the_deploy_alias_is_set_where_it_is_used(local: Synthesized, tmp_path: Path):
    """Without an alias the variable is absent."""
    stack = synthesize(replace(LOCAL, deploy_alias="production"), tmp_path)

    assert {spec.name: "production" for spec in BY_ALIAS} == _values(stack, "DEPLOY_ALIAS")
    assert {} == _values(local, "DEPLOY_ALIAS")


def test_roles_have_no_managed_policy(production: Synthesized):
    """AWS's policies allow more than one function's logs."""
    for spec in FUNCTIONS:
        role = production.function(spec.handler)["Role"]["Fn::GetAtt"][0]
        assert "ManagedPolicyArns" not in production.template["Resources"][role]["Properties"]


def test_packaging_has_room_and_time_for_a_model(production: Synthesized):
    """A model's files pass through /tmp; 15 minutes are Lambda's maximum."""
    package = production.function(TASKS["package"].handler)

    assert 4096 == package["EphemeralStorage"]["Size"]
    assert 900 == package["Timeout"]


def test_verify_has_time_for_slow_predictions(production: Synthesized):
    """A model that is always too slow gets a verdict, not a timeout of the task."""
    verify = TASKS["verify"].handler
    variables = {name: _text(value) for name, value in production.variables(verify).items()}
    settings = ProvisionSettings.from_env(variables)
    needed_s = (1 + settings.verify_times) * settings.verify_timeout_s

    assert production.function(verify)["Timeout"] > needed_s


def test_operate_times_out_before_api_gateway(production: Synthesized):
    """API Gateway waits for 29 seconds."""
    assert production.function(OPERATE.handler)["Timeout"] < 29


def test_no_variable_contains_a_secret(production: Synthesized):
    """Variables about secrets are ARNs."""
    for spec in FUNCTIONS:
        for name, value in production.variables(spec.handler).items():
            assert ("SECRET" in name) <= isinstance(value, dict)


def _resources(stack: Synthesized, spec: FunctionSpec, action: str) -> list[Json]:
    """Return the resources on which *spec* may do *action*."""
    return [
        resource
        for statement in stack.statements(spec.handler)
        if action in statement["Action"]
        for resource in statement["Resource"]
    ]


def _values(stack: Synthesized, variable: str) -> Json:
    """Return the variable's value by function."""
    return {
        spec.name: variables[variable]
        for spec in FUNCTIONS
        if variable in (variables := stack.variables(spec.handler))
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "made-up"
