"""What each function is, is told and may do."""

import inspect
from typing import Any

import pytest

from functions.common.settings import Settings
from functions.mlflow_hook.settings import HookSettings
from functions.predict.settings import AuthorizerSettings, PredictSettings
from functions.provision import handler as provision_handler
from functions.provision.settings import ProvisionSettings, RegistrySettings
from infra.catalog import AUTHORIZER, FUNCTIONS, MLFLOW_HOOK, PREDICT, TASKS, FunctionSpec
from infra.variables import HUB_CLIENT, MLFLOW_CLIENT
from tests.infra.synthesized import Synthesized

OF_ANY = {"logs:CreateLogStream", "logs:PutLogEvents"}
OF_ANY |= {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}
GET, PUT = "dynamodb:GetItem", "dynamodb:PutItem"
UPDATE, QUERY = "dynamodb:UpdateItem", "dynamodb:Query"
READ_SECRET = "secretsmanager:GetSecretValue"
ON_PROVIDER = ({GET, UPDATE, READ_SECRET}, {"HuggingFaceTokenSecret"})
RIGHTS = {
    "Predict": ({GET, QUERY, READ_SECRET}, {"HuggingFaceTokenSecret"}),
    "Authorizer": (set(), set()),
    "MlflowHook": ({PUT, READ_SECRET, "states:StartExecution"}, {"WebhookSecret"}),
    "Validate": ({GET, UPDATE, READ_SECRET}, {"MlflowCredentialsSecret"}),
    "Package": (
        {GET, UPDATE, READ_SECRET},
        {"HuggingFaceTokenSecret", "MlflowCredentialsSecret"},
    ),
    "Create": ON_PROVIDER,
    "Check": ON_PROVIDER,
    "Prove": ON_PROVIDER,
    "Activate": ({GET, PUT, UPDATE}, set()),
    "Retire": ON_PROVIDER,
    "CleanUp": ON_PROVIDER,
}
"""Actions beside everybody's, and the secrets that may be read, by function."""

MODELS: dict[str, tuple[type[Settings], ...]] = {
    PREDICT.name: (PredictSettings,),
    AUTHORIZER.name: (AuthorizerSettings,),
    MLFLOW_HOOK.name: (HookSettings,),
    **{spec.name: (ProvisionSettings,) for spec in TASKS.values()},
    **{TASKS[task].name: (ProvisionSettings, RegistrySettings) for task in ("validate", "package")},
}

each_function = pytest.mark.parametrize("spec", FUNCTIONS, ids=lambda spec: spec.name)


def test_every_entry_of_provision_is_a_task_and_every_task_an_entry():
    """The workflow's tasks are exactly the entries of functions/provision/handler.py."""
    here = inspect.getmembers(provision_handler, inspect.isfunction)
    entries = {name for name, value in here if value.__module__ == provision_handler.__name__}

    assert set(TASKS) == entries - {"entry"}


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


@each_function
def test_function_reads_its_own_secrets_only(production: Synthesized, spec: FunctionSpec):
    """A secret's value is open to the functions that use it."""
    readable = [
        resource
        for statement in production.statements(spec.handler)
        if READ_SECRET in statement["Action"]
        for resource in statement["Resource"]
    ]
    outputs = {name: production.output(name) for name in RIGHTS[spec.name][1]}

    assert sorted(map(str, outputs.values())) == sorted(map(str, readable))


@each_function
def test_only_tracing_is_allowed_on_everything(production: Synthesized, spec: FunctionSpec):
    """X-Ray's actions name no resource; every other statement names the one it is about."""
    for statement in production.statements(spec.handler):
        if "*" in statement["Resource"]:
            assert {"xray:PutTelemetryRecords", "xray:PutTraceSegments"} == set(statement["Action"])


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


def test_no_variable_holds_a_secret(production: Synthesized):
    """A variable about a secret is a reference to it."""
    for spec in FUNCTIONS:
        for name, value in production.variables(spec.handler).items():
            assert ("SECRET" in name) <= isinstance(value, dict)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "made-up"
