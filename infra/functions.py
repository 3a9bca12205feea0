"""The table of Lambda functions: entry, bundle, rights, size (docs/costs.md) and variables.

A right brings its variable, e.g. `TABLE_NAME`; `infra.constructs.shared_resources` has the others'.
"""

from functions.common.deployments import history_index, model_index, unsettled_index
from infra.bundling import Bundle
from infra.function_parts import (
    BATCH_GET,
    CONDITION,
    DELETE,
    GET,
    HUGGINGFACE,
    PROVISION,
    PUT,
    QUERY,
    RECONCILER,
    REGISTRY,
    ROLLBACK,
    SCAN,
    UPDATE,
)
from infra.function_size import Size
from infra.function_spec import LARGE_BODIES, FunctionSpec
from infra.workflow_tasks import TASKS

PREDICT = FunctionSpec(
    name="Predict",
    service="predict",
    handler="functions.predict.handler.lambda_handler",
    bundle=Bundle("predict", "predict"),
    table_actions=(GET,),
    state_actions=(GET, PUT, UPDATE, DELETE),
    secrets=("huggingface_calling_token",),
    invokes_reconciler=True,
    invokes_mirror=True,
    size=Size(memory_mib=512, timeout_s=28),
    variables=(
        *HUGGINGFACE,
        *ROLLBACK,
        *LARGE_BODIES,
        "CORS_ORIGINS",
        "LOOKUP_MAX_AGE_S",
        "METRICS_PER_MODEL",
        "PREDICTION_DEADLINE_S",
    ),
)
MIRROR = FunctionSpec(
    name="Mirror",
    service="mirror",
    handler="functions.mirror.handler.lambda_handler",
    bundle=Bundle("predict", "mirror"),
    table_actions=(GET,),
    state_actions=(UPDATE,),
    secrets=("huggingface_calling_token",),
    size=Size(memory_mib=512, timeout_s=30),
    variables=(*HUGGINGFACE, "AGREEMENT_TOLERANCE", "PREDICTION_DEADLINE_S"),
)
DESCRIBE = FunctionSpec(
    name="Describe",
    service="describe",
    handler="functions.describe.handler.lambda_handler",
    bundle=Bundle("describe", "describe"),
    table_actions=(GET, BATCH_GET, QUERY),
    queried_indexes=(history_index.NAME, model_index.NAME),
    state_actions=(GET,),
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
    table_actions=(GET, PUT, QUERY),
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
    table_actions=(GET, PUT, QUERY),
    secrets=("huggingface_calling_token",),
    starts_workflow=True,
    invokes_reconciler=True,
    size=Size(memory_mib=512, timeout_s=28),
    variables=(*HUGGINGFACE, "INSTALLATION", "API_URL", "CORS_ORIGINS"),
)
RECONCILE = FunctionSpec(
    name="Reconcile",
    service="reconcile",
    handler="functions.provision.reconcile_handler.lambda_handler",
    bundle=Bundle("provision_registry", "provision"),
    table_actions=(BATCH_GET, PUT, UPDATE, QUERY, SCAN, DELETE, CONDITION),
    queried_indexes=(model_index.NAME, unsettled_index.NAME),
    state_actions=(GET,),
    secrets=("mlflow_credentials", "huggingface_token", "webhook"),
    starts_workflow=True,
    describes_workflow=True,
    publishes_events=True,
    size=Size(memory_mib=1024, timeout_s=900),
    variables=(*PROVISION, *REGISTRY, *RECONCILER),
)
USAGE = FunctionSpec(
    name="Usage",
    service="usage",
    handler="functions.usage.handler.lambda_handler",
    bundle=Bundle("common", "usage"),
    table_actions=(PUT, QUERY),
    reads_predict_log=True,
    size=Size(memory_mib=512, timeout_s=900),
)
UPTIME = FunctionSpec(
    name="Uptime",
    service="uptime",
    handler="functions.uptime.handler.lambda_handler",
    bundle=Bundle("predict", "uptime"),
    table_actions=(GET, BATCH_GET),
    queried_indexes=(model_index.NAME,),
    state_actions=(GET, PUT),
    secrets=("uptime_api_key",),
    size=Size(memory_mib=256, timeout_s=240),
    variables=("API_URL", "UPTIME_API_KEY_SECRET", "MONTHLY_BUDGET_USD", "BUDGET_ACTION"),
)

FUNCTIONS = (
    PREDICT,
    MIRROR,
    DESCRIBE,
    AUTHORIZER,
    MLFLOW_HOOK,
    OPERATE,
    RECONCILE,
    UPTIME,
    USAGE,
    *TASKS.values(),
)
