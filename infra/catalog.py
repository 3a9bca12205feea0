"""Every Lambda function: its entry, its bundle, and exactly what it may touch."""

from dataclasses import dataclass
from typing import Literal

from infra.bundling import Bundle

type SecretName = Literal["huggingface_token", "mlflow_credentials", "webhook"]

_GET, _PUT = "dynamodb:GetItem", "dynamodb:PutItem"
_UPDATE, _QUERY = "dynamodb:UpdateItem", "dynamodb:Query"
_DELETE, _SCAN = "dynamodb:DeleteItem", "dynamodb:Scan"
_CONDITION, _BATCH_GET = "dynamodb:ConditionCheckItem", "dynamodb:BatchGetItem"

_PREDICT = Bundle("predict", "predict", compiled=True)
_REGISTRY = Bundle("provision_registry", "provision")
_PACKAGING = Bundle("provision_packaging", "provision")
_PROVISION = Bundle("provision", "provision")


@dataclass(frozen=True, kw_only=True)
class FunctionSpec:
    """One function.

    Attributes:
        name: In capitals and lower case, as the construct is named.
        service: What its log lines and metrics call it.
        table_actions: On the table `deployed_models`; a transaction needs those of its parts.
        listing_actions: On the index of it that lists models.
        state_actions: On the table that the data plane's environments share.
        secrets: Those whose value it may read.
    """

    name: str
    service: str
    handler: str
    bundle: Bundle
    table_actions: tuple[str, ...] = ()
    listing_actions: tuple[str, ...] = ()
    state_actions: tuple[str, ...] = ()
    secrets: tuple[SecretName, ...] = ()


def _task(
    entry: str,
    *secrets: SecretName,
    bundle: Bundle = _PROVISION,
    also: tuple[str, ...] = (),
) -> FunctionSpec:
    """A task reads its record and its model's desired, notes its end, and does what is in *also*."""
    return FunctionSpec(
        name="".join(word.capitalize() for word in entry.split("_")),
        service="provision",
        handler=f"functions.provision.handler.{entry}",
        bundle=bundle,
        table_actions=(_GET, _UPDATE, *also),
        secrets=secrets,
    )


PREDICT = FunctionSpec(
    name="Predict",
    service="predict",
    handler="functions.predict.handler.lambda_handler",
    bundle=_PREDICT,
    table_actions=(_GET, _QUERY),
    state_actions=(_GET, _PUT, _DELETE),
    secrets=("huggingface_token",),
)
DESCRIBE = FunctionSpec(
    name="Describe",
    service="describe",
    handler="functions.describe.handler.lambda_handler",
    bundle=Bundle("describe", "describe", compiled=True),
    table_actions=(_BATCH_GET, _QUERY),
    listing_actions=(_QUERY,),
    state_actions=(_GET,),
)
AUTHORIZER = FunctionSpec(
    name="Authorizer",
    service="authorizer",
    handler="functions.authorizer.handler.lambda_handler",
    bundle=Bundle("authorizer", "authorizer", compiled=True),
)
MLFLOW_HOOK = FunctionSpec(
    name="MlflowHook",
    service="mlflow_hook",
    handler="functions.mlflow_hook.handler.lambda_handler",
    bundle=Bundle("common", "mlflow_hook", compiled=True),
    table_actions=(_GET, _PUT, _QUERY),
    secrets=("webhook",),
)
OPERATIONS = FunctionSpec(
    name="Operations",
    service="operations",
    handler="functions.operate.handler.lambda_handler",
    bundle=Bundle("common", "operate", compiled=True),
    table_actions=(_GET, _PUT, _QUERY),
)
RECONCILE = FunctionSpec(
    name="Reconcile",
    service="reconcile",
    handler="functions.provision.reconcile_handler.lambda_handler",
    bundle=_REGISTRY,
    table_actions=(_GET, _PUT, _UPDATE, _QUERY, _SCAN, _DELETE, _CONDITION),
    secrets=("mlflow_credentials", "huggingface_token"),
)
TASKS = {
    "validate": _task(
        "validate",
        "mlflow_credentials",
        "huggingface_token",
        bundle=_REGISTRY,
        also=(_PUT, _QUERY),
    ),
    "package": _task("package", "mlflow_credentials", "huggingface_token", bundle=_PACKAGING),
    "create": _task("create", "huggingface_token"),
    "check": _task("check", "huggingface_token"),
    "verify": _task("verify", "huggingface_token"),
    "activate": _task("activate", also=(_PUT, _CONDITION)),
    "retire": _task("retire", "huggingface_token"),
    "clean_up": _task("clean_up", "huggingface_token"),
}
"""The workflow's tasks by the name of their entry in functions/provision/handler.py."""

FUNCTIONS = (PREDICT, DESCRIBE, AUTHORIZER, MLFLOW_HOOK, OPERATIONS, RECONCILE, *TASKS.values())
