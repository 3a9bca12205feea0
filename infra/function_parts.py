"""Actions and variables that several functions share."""

from infra.function_spec import MLFLOW_CLIENT

GET, PUT, UPDATE = "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"
DELETE, CONDITION = "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"
QUERY, SCAN, BATCH_GET = "dynamodb:Query", "dynamodb:Scan", "dynamodb:BatchGetItem"

HUGGINGFACE = (
    "HUGGINGFACE_NAMESPACE",
    "HUGGINGFACE_TOKEN_SECRET",
    "HUGGINGFACE_API_URL",
    "HUGGINGFACE_HUB_URL",
    "ENDPOINT_DOMAIN",
)
PROVISION = (*HUGGINGFACE, "INSTALLATION", "ENDPOINT_DEADLINE_S", "MONTHLY_BUDGET_USD")
REGISTRY = (*MLFLOW_CLIENT, "MLFLOW_TRACKING_URI", "MLFLOW_CREDENTIALS_SECRET")
MODEL_FILES = (*REGISTRY, "ARTIFACT_BUCKET")
RECONCILER = (
    "DEPLOY_ALIAS",
    "API_URL",
    "RETIRE_AFTER_S",
    "WEBHOOK_SECRET",
    "BUDGET_ACTION",
    "METRICS_PER_MODEL",
)
