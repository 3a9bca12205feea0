"""Runtime and variables of every function; its rights are in tests/rights."""

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from functions.authorizer.settings import AuthorizerSettings
from functions.common.metric_names import ENVIRONMENT_VARIABLE
from functions.common.providers.huggingface.settings import HardwareSettings, HuggingFaceSettings
from functions.common.settings import (
    CorsSettings,
    MetricsSettings,
    Settings,
    SharedStateSettings,
)
from functions.describe.settings import DescribeSettings
from functions.mirror.settings import MirrorSettings
from functions.mlflow_hook.settings import HookSettings
from functions.operate.settings import OperationsSettings
from functions.predict.settings import PredictSettings
from functions.provision.settings import (
    ProvisionSettings,
    ReconcileSettings,
    RegistrySettings,
    WebhookSettings,
)
from functions.uptime.settings import UptimeSettings
from functions.usage.settings import UsageSettings
from infra.environments import LOCAL
from infra.function_spec import HUB_CLIENT, LARGE_BODIES, MLFLOW_CLIENT, FunctionSpec
from infra.functions import (
    AUTHORIZER,
    DESCRIBE,
    FUNCTIONS,
    MIRROR,
    MLFLOW_HOOK,
    OPERATE,
    PREDICT,
    RECONCILE,
    UPTIME,
    USAGE,
)
from infra.local.parts import ROOT
from infra.workflow_tasks import TASKS
from tests.infra.synthesized import Json, Synthesized, synthesize

PROVISION = (ProvisionSettings, HuggingFaceSettings, HardwareSettings)
MODELS: dict[str, tuple[type[Settings | AuthorizerSettings], ...]] = {
    PREDICT.name: (PredictSettings, HuggingFaceSettings, MetricsSettings),
    MIRROR.name: (MirrorSettings, HuggingFaceSettings),
    DESCRIBE.name: (DescribeSettings, CorsSettings),
    AUTHORIZER.name: (AuthorizerSettings,),
    MLFLOW_HOOK.name: (HookSettings,),
    OPERATE.name: (OperationsSettings, HuggingFaceSettings),
    UPTIME.name: (UptimeSettings,),
    RECONCILE.name: (
        *PROVISION,
        RegistrySettings,
        ReconcileSettings,
        WebhookSettings,
        MetricsSettings,
    ),
    USAGE.name: (UsageSettings,),
    **{spec.name: PROVISION for spec in TASKS.values()},
    **{TASKS[task].name: (*PROVISION, RegistrySettings) for task in ("validate", "package")},
    TASKS["agree"].name: (*PROVISION, SharedStateSettings),
    TASKS["bake"].name: (*PROVISION, RegistrySettings, SharedStateSettings),
}
BY_ALIAS = (MLFLOW_HOOK, RECONCILE, TASKS["validate"])

each_function = pytest.mark.parametrize("spec", FUNCTIONS, ids=lambda spec: spec.name)


@each_function
def test_runtime_fits_the_wheels(production: Synthesized, spec: FunctionSpec):
    """Python 3.13 on arm64; traced, with JSON logs in its own log group."""
    function = production.function(spec.handler)

    assert ("python3.13", ["arm64"]) == (function["Runtime"], function["Architectures"])
    assert "Active" == function["TracingConfig"]["Mode"]
    logging = function["LoggingConfig"]
    assert ("JSON", "WARN") == (logging["LogFormat"], logging["SystemLogLevel"])
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
    known = {name.upper() for model in MODELS[spec.name] for name in _fields(model)}
    known |= {"POWERTOOLS_SERVICE_NAME", ENVIRONMENT_VARIABLE, *MLFLOW_CLIENT, *HUB_CLIENT}
    known |= LARGE_BODIES.keys()

    assert set() == set(local.variables(spec.handler)) - known


@each_function
def test_at_most_one_token_of_hugging_face_can_be_read(production: Synthesized, spec: FunctionSpec):
    """What predicts cannot manage endpoints, and what manages them cannot call them."""
    outputs = ("HuggingFaceTokenSecret", "HuggingFaceCallingTokenSecret")
    readable = [
        resource
        for statement in production.statements(spec.handler)
        if "secretsmanager:GetSecretValue" in statement["Action"]
        for resource in statement["Resource"]
    ]
    tokens = [token for name in outputs if (token := production.output(name)) in readable]

    named = production.variables(spec.handler).get("HUGGINGFACE_TOKEN_SECRET")
    assert tokens in ([], [named])


@each_function
def test_only_tracing_has_rights_on_all_resources(production: Synthesized, spec: FunctionSpec):
    """X-Ray's actions have no resource; every other statement has one."""
    for statement in production.statements(spec.handler):
        if "*" in statement["Resource"]:
            assert {"xray:PutTelemetryRecords", "xray:PutTraceSegments"} == set(statement["Action"])


@each_function
def test_no_bundle_has_a_tracer(spec: FunctionSpec):
    """X-Ray gets what Lambda says of a failure; a tracer would send addresses and messages."""
    lock = (ROOT / f"requirements/{spec.bundle.group}.txt").read_text()

    assert not re.search(
        r"^(aws-xray-sdk|ddtrace|opentelemetry-instrumentation\S*)==", lock, re.MULTILINE
    )


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


def _values(stack: Synthesized, variable: str) -> Json:
    """Return the variable's value by function."""
    return {
        spec.name: variables[variable]
        for spec in FUNCTIONS
        if variable in (variables := stack.variables(spec.handler))
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "made-up"


def _fields(model: type[Settings | AuthorizerSettings]) -> list[str]:
    if issubclass(model, Settings):
        return [field.name for field in structs.fields(model)]
    return [field.name for field in fields(model)]
