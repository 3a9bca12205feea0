"""The table of Lambda functions: entry, bundle, rights, size (docs/costs.md) and variables.

A right brings its variable, e.g. `TABLE_NAME`; `infra.constructs.shared_resources` has the others'.
"""

from functions.common.deployments import history_index, model_index, unsettled_index
from infra.bundling import Bundle
from infra.function_size import Size
from infra.function_spec import HUB_CLIENT, MLFLOW_CLIENT, FunctionSpec, SecretName

_GET, _PUT, _UPDATE = "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"
_DELETE, _CONDITION = "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"
_QUERY, _SCAN, _BATCH_GET = "dynamodb:Query", "dynamodb:Scan", "dynamodb:BatchGetItem"

_HUGGINGFACE = (
    "HUGGINGFACE_NAMESPACE",
    "HUGGINGFACE_TOKEN_SECRET",
    "HUGGINGFACE_API_URL",
    "HUGGINGFACE_HUB_URL",
    "ENDPOINT_DOMAIN",
)
_PROVISION = (*_HUGGINGFACE, "INSTALLATION", "ENDPOINT_DEADLINE_S", "MONTHLY_BUDGET_USD")
_REGISTRY = (*MLFLOW_CLIENT, "MLFLOW_TRACKING_URI", "MLFLOW_CREDENTIALS_SECRET")
_MODEL_FILES = (*_REGISTRY, "ARTIFACT_BUCKET")
_RECONCILER = ("DEPLOY_ALIAS", "API_URL", "RETIRE_AFTER_S", "WEBHOOK_SECRET", "BUDGET_ACTION")

PREDICT = FunctionSpec(
    name="Predict",
    service="predict",
    handler="functions.predict.handler.lambda_handler",
    bundle=Bundle("predict", "predict"),
    table_actions=(_GET,),
    state_actions=(_GET, _PUT, _UPDATE, _DELETE),
    secrets=("huggingface_calling_token",),
    invokes_reconciler=True,
    size=Size(memory_mib=512, timeout_s=28),
    variables=(*_HUGGINGFACE, "CORS_ORIGINS", "LOOKUP_MAX_AGE_S", "PREDICTION_DEADLINE_S"),
)
DESCRIBE = FunctionSpec(
    name="Describe",
    service="describe",
    handler="functions.describe.handler.lambda_handler",
    bundle=Bundle("describe", "describe"),
    table_actions=(_GET, _BATCH_GET),
    queried_indexes=(history_index.NAME, model_index.NAME),
    state_actions=(_GET,),
    size=Size(memory_mib=512, timeout_s=20),
    variables=("CORS_ORIGINS", "API_URL"),
)
AUTHORIZER = FunctionSpec(
    name="Authorizer",
    service="authorizer",
    handler="functions.authorizer.handler.lambda_handler",
    bundle=Bundle("authorizer", "authorizer"),
    size=Size(memory_mib=512, timeout_s=10),
    variables=("AUTH_URL",),
)
MLFLOW_HOOK = FunctionSpec(
    name="MlflowHook",
    service="mlflow_hook",
    handler="functions.mlflow_hook.handler.lambda_handler",
    bundle=Bundle("mlflow_hook", "mlflow_hook"),
    table_actions=(_GET, _PUT, _QUERY),
    secrets=("webhook",),
    starts_workflow=True,
    invokes_reconciler=True,
    size=Size(memory_mib=1024, timeout_s=20),
    variables=("INSTALLATION", "DEPLOY_ALIAS", "WEBHOOK_SECRET"),
)
OPERATE = FunctionSpec(
    name="Operate",
    service="operations",
    handler="functions.operate.handler.lambda_handler",
    bundle=Bundle("common", "operate"),
    table_actions=(_GET, _PUT, _QUERY),
    starts_workflow=True,
    invokes_reconciler=True,
    size=Size(memory_mib=512, timeout_s=28),
    variables=("INSTALLATION", "API_URL", "CORS_ORIGINS"),
)
RECONCILE = FunctionSpec(
    name="Reconcile",
    service="reconcile",
    handler="functions.provision.reconcile_handler.lambda_handler",
    bundle=Bundle("provision_registry", "provision"),
    table_actions=(_BATCH_GET, _PUT, _UPDATE, _QUERY, _SCAN, _DELETE, _CONDITION),
    queried_indexes=(model_index.NAME, unsettled_index.NAME),
    state_actions=(_GET,),
    secrets=("mlflow_credentials", "huggingface_token", "webhook"),
    starts_workflow=True,
    describes_workflow=True,
    size=Size(memory_mib=1024, timeout_s=900),
    variables=(*_PROVISION, *_REGISTRY, *_RECONCILER),
)


def _task(
    entry: str,
    *secrets: SecretName,
    group: str = "provision",
    also: tuple[str, ...] = (),
    size: Size = Size(memory_mib=1024, timeout_s=60),  # noqa: B008 - frozen
    variables: tuple[str, ...] = (),
) -> FunctionSpec:
    """Return a task, which reads record and desired deployment and writes its record.

    *also*: further actions on the table."""
    return FunctionSpec(
        name="".join(word.capitalize() for word in entry.split("_")),
        service="provision",
        handler=f"functions.provision.handler.{entry}",
        bundle=Bundle(group, "provision"),
        table_actions=(_BATCH_GET, _UPDATE, *also),
        reads_artifacts="ARTIFACT_BUCKET" in variables,
        secrets=secrets,
        size=size,
        variables=(*_PROVISION, *variables),
    )


TASKS = {
    "validate": _task(
        "validate",
        "mlflow_credentials",
        "huggingface_token",
        group="provision_validation",
        also=(_PUT, _QUERY),
        size=Size(memory_mib=1024, timeout_s=300, storage_mib=2048),
        variables=(*_MODEL_FILES, "DEPLOY_ALIAS"),
    ),
    "package": _task(
        "package",
        "mlflow_credentials",
        "huggingface_token",
        group="provision_packaging",
        size=Size(memory_mib=2048, timeout_s=900, storage_mib=4096),
        variables=(*_MODEL_FILES, *HUB_CLIENT),
    ),
    "create": _task("create", "huggingface_token"),
    "check": _task("check", "huggingface_calling_token"),
    "verify": _task(
        "verify", "huggingface_calling_token", size=Size(memory_mib=1024, timeout_s=300)
    ),
    "activate": _task("activate", also=(_PUT, _CONDITION)),
    "retire": _task("retire", "huggingface_token", also=(_GET,)),
    "clean_up": _task("clean_up", "huggingface_token"),
}
"""The workflow's tasks by the name of their entry in functions/provision/handler.py."""

FUNCTIONS = (PREDICT, DESCRIBE, AUTHORIZER, MLFLOW_HOOK, OPERATE, RECONCILE, *TASKS.values())
