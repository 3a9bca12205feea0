"""The first reconciliation, which makes the webhook in MLflow, as on AWS the schedule does."""

from mlflow import MlflowClient

from infra.function_alias import ALIAS
from infra.local.deployment import aws_client
from infra.local.processes import StartError, wait_for
from infra.local.system import LocalSystem

_WITHIN_S = 120


def request_reconciliation(aws_url: str, function: str) -> None:
    """Have everything reconciled once by *function*, the reconciler, without waiting for it."""
    aws_client("lambda", aws_url).invoke(
        FunctionName=f"{function}:{ALIAS}", InvocationType="Event", Payload=b"{}"
    )


def wait_until_webhook_works(system: LocalSystem) -> None:
    """Return when MLflow's test delivery was accepted.

    Raises: StartError.
    """
    registry = MlflowClient(system.mlflow_url)

    def works() -> bool:
        found = registry.list_webhooks()
        return any("delivery accepted" in (each.description or "") for each in found)

    if not wait_for(works, timeout_s=_WITHIN_S, every_s=0.2):
        raise StartError(
            f"The reconciler made no webhook in MLflow within {_WITHIN_S} s. Logs: {system.logs}"
        )
