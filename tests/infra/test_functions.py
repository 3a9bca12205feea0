"""What each function is, is told and may do."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.authorizer.settings import AuthorizerSettings
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
ON_PROVIDER = ({BATCH_GET, UPDATE, READ_SECRET}, {"HuggingFaceTokenSecret"})
RIGHTS = {
    "Predict": (
        {GET, PUT, DELETE, QUERY, READ_SECRET, INVOKE},
        {"HuggingFaceTokenSecret"},
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
    "Check": ON_PROVIDER,
    "Verify": ON_PROVIDER,
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
def test_function_runs_as_its_wheels_were_built(production: Synthesized, spec: FunctionSpec):
    """Python 3.13 on arm64, as the bundles; traced; with JSON logs in a group of its own."""
    function = production.function(spec.handler)

    assert ("python3.13", ["arm64"]) == (function["Runtime"], function["Architectures"])
    assert "Active" == function["TracingConfig"]["Mode"]
    assert "JSON" == function["LoggingConfig"]["LogFormat"]
    assert "Ref" in function["LoggingConfig"]["LogGroup"]


@each_function
@pytest.mark.parametrize("environment", ["production", "local"])
def test_function_is_told_all_that_its_settings_demand(
    request: pytest.FixtureRequest, environment: str, spec: FunctionSpec
):
    """The function's variables make its settings: none is missing or out of bounds."""
    stack: Synthesized = request.getfixturevalue(environment)
    given = {name: _text(value) for name, value in stack.variables(spec.handler).items()}

    for model in MODELS[spec.name]:
        model.from_env(given)


@each_function
def test_function_is_told_nothing_that_its_settings_do_not_know(
    local: Synthesized, spec: FunctionSpec
):
    """No variable is misspelled or left over; the rest are those of the libraries inside."""
    known = {name.upper() for model in MODELS[spec.name] for name in model.model_fields}
    known |= {"POWERTOOLS_SERVICE_NAME", *MLFLOW_CLIENT, *HUB_CLIENT}

    assert set() == set(local.variables(spec.handler)) - known


@each_function
def test_function_may_do_exactly_what_it_needs(production: Synthesized, spec: FunctionSpec):
    """The actions of a function's role are those of this file's table, no more and no fewer."""
    allowed = {action for s in production.statements(spec.handler) for action in s["Action"]}

    assert OF_ANY | RIGHTS[spec.name][0] == allowed


def test_only_the_lists_maker_reads_the_index(production: Synthesized):
    """The rights on the table end at the table: each index would be another copy of it."""
    tables = {
        spec.name: [
            statement["Action"]
            for statement in production.statements(spec.handler)
            if "/index/" in json.dumps(statement["Resource"])
        ]
        for spec in FUNCTIONS
    }

    assert {DESCRIBE.name: [[QUERY]]} == {name: found for name, found in tables.items() if found}


@each_function
def test_function_reads_its_own_secrets_only(production: Synthesized, spec: FunctionSpec):
    """A secret's value is open to the functions that use it."""
    readable = _resources(production, spec, READ_SECRET)
    outputs = {name: production.output(name) for name in RIGHTS[spec.name][1]}

    assert sorted(map(str, outputs.values())) == sorted(map(str, readable))


@each_function
def test_only_tracing_is_allowed_on_everything(production: Synthesized, spec: FunctionSpec):
    """X-Ray's actions name no resource; every other statement names the one it is about."""
    for statement in production.statements(spec.handler):
        if "*" in statement["Resource"]:
            assert {"xray:PutTelemetryRecords", "xray:PutTraceSegments"} == set(statement["Action"])


@pytest.mark.parametrize("spec", STARTING, ids=lambda spec: spec.name)
def test_executions_of_the_workflow_alone_are_started(production: Synthesized, spec: FunctionSpec):
    """Whoever starts executions starts them of our machine, and knows which that is."""
    machine = production.output("StateMachineArn")
    name = production.only("AWS::StepFunctions::StateMachine")["StateMachineName"]

    assert [machine] == _resources(production, spec, START)
    assert machine == production.variables(spec.handler)["STATE_MACHINE_ARN"]
    assert machine["Fn::Join"][1][-1] == f":stateMachine:{name}"


def test_executions_of_the_workflow_alone_are_described(production: Synthesized):
    """The reconciler sees how our executions stand, and nobody else's."""
    (resource,) = _resources(production, RECONCILE, SEE)
    name = production.only("AWS::StepFunctions::StateMachine")["StateMachineName"]

    assert resource["Fn::Join"][1][-1] == f":execution:{name}:*"


@pytest.mark.parametrize("spec", CALLING, ids=lambda spec: spec.name)
def test_the_reconciler_alone_is_called(production: Synthesized, spec: FunctionSpec):
    """Whoever has models looked at may call the reconciler, and knows its name."""
    (resource,) = _resources(production, spec, INVOKE)
    name = production.variables(spec.handler)["RECONCILE_FUNCTION"]

    assert RECONCILE.handler == production.handler_of(resource["Fn::GetAtt"][0])
    assert RECONCILE.handler == production.handler_of(name["Ref"])


def test_all_that_make_or_delete_endpoints_know_the_installation(production: Synthesized):
    """Account and region tell this stack from others that use the same organisation."""
    told = (MLFLOW_HOOK, OPERATE, RECONCILE, *TASKS.values())
    expected = {"Fn::Join": ["", [{"Ref": "AWS::AccountId"}, "-", {"Ref": "AWS::Region"}]]}

    assert [expected] * len(told) == [
        production.variables(spec.handler)["INSTALLATION"] for spec in told
    ]


def test_address_that_mlflow_is_told_is_the_apis(production: Synthesized):
    """It names the API and never its stage, which depends on every function behind it."""
    address = production.variables(RECONCILE.handler)["API_URL"]
    (api,) = (id_ for id_, _ in production.all("AWS::ApiGateway::RestApi"))

    assert production.output("ApiUrl") == address
    assert {"Ref": api} in address["Fn::Join"][1]
    assert "Stage" not in json.dumps(address)


def test_alias_is_told_to_those_who_decide_by_it(local: Synthesized, tmp_path: Path):
    """`-c deploy_alias=…` reaches the functions that decide, and no variable stands for none."""
    stack = synthesize(replace(LOCAL, deploy_alias="production"), tmp_path)

    assert {spec.name: "production" for spec in BY_ALIAS} == _told(stack, "DEPLOY_ALIAS")
    assert {} == _told(local, "DEPLOY_ALIAS")


def test_roles_of_functions_have_no_policy_of_aws(production: Synthesized):
    """AWS's own policies allow more than one function's logs."""
    for spec in FUNCTIONS:
        role = production.function(spec.handler)["Role"]["Fn::GetAtt"][0]
        assert "ManagedPolicyArns" not in production.template["Resources"][role]["Properties"]


def test_packaging_has_room_and_time_for_a_model(production: Synthesized):
    """A model's files pass through /tmp; 15 minutes are the most that Lambda gives."""
    package = production.function(TASKS["package"].handler)

    assert 4096 == package["EphemeralStorage"]["Size"]
    assert 900 == package["Timeout"]


def test_proving_has_time_for_every_prediction_to_be_slow(production: Synthesized):
    """A model that uses up every prediction's time is judged, rather than cut off."""
    verify = TASKS["verify"].handler
    variables = {name: _text(value) for name, value in production.variables(verify).items()}
    settings = ProvisionSettings.from_env(variables)
    needed_s = (1 + settings.verify_times) * settings.verify_timeout_s

    assert production.function(verify)["Timeout"] > needed_s


def test_operations_answer_before_api_gateway_gives_up(production: Synthesized):
    """API Gateway waits for 29 seconds."""
    assert production.function(OPERATE.handler)["Timeout"] < 29


def test_no_variable_holds_a_secret(production: Synthesized):
    """A variable about a secret is a reference to it."""
    for spec in FUNCTIONS:
        for name, value in production.variables(spec.handler).items():
            assert ("SECRET" in name) <= isinstance(value, dict)


def _resources(stack: Synthesized, spec: FunctionSpec, action: str) -> list[Json]:
    """What *spec* may do *action* on."""
    return [
        resource
        for statement in stack.statements(spec.handler)
        if action in statement["Action"]
        for resource in statement["Resource"]
    ]


def _told(stack: Synthesized, variable: str) -> Json:
    """By function, the variable's value."""
    return {
        spec.name: variables[variable]
        for spec in FUNCTIONS
        if variable in (variables := stack.variables(spec.handler))
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "made-up"
