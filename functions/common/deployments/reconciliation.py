"""Port and adapter: asking the reconciler, a function of its own, to look at a model."""

import json
from typing import TYPE_CHECKING, Any, Protocol

from botocore.exceptions import ReadTimeoutError

if TYPE_CHECKING:
    from mypy_boto3_lambda.client import LambdaClient


class ReconciliationError(Exception):
    """The reconciler broke; its log says why, and the next scheduled run tries again."""


class ReconciliationRunningError(Exception):
    """The reconciler takes longer than one can wait; it goes on, and nothing is wrong."""


class Reconciliation(Protocol):
    """Makes reality follow the registry, one model or all of them."""

    def request(self, model_id: str) -> None:
        """Have *model_id* looked at soon; returns when that cannot be lost any more."""
        ...

    def run(self, model_id: str, *, dry_run: bool) -> dict[str, Any]:
        """Look at *model_id* now: `{"dry_run", "models", "changes": [{"model_id", "change",
        "detail"}], "failed"}`. A dry run changes nothing.

        Raises: ReconciliationError, ReconciliationRunningError.
        """
        ...


class LambdaReconciliation:
    """See `Reconciliation`; errors of Lambda itself pass through as botocore's."""

    def __init__(self, client: "LambdaClient", function_name: str) -> None:
        self._client = client
        self._function = function_name

    def request(self, model_id: str) -> None:
        self._client.invoke(
            FunctionName=self._function,
            InvocationType="Event",
            Payload=json.dumps({"model_id": model_id}),
        )

    def run(self, model_id: str, *, dry_run: bool) -> dict[str, Any]:
        try:
            answer = self._client.invoke(
                FunctionName=self._function,
                InvocationType="RequestResponse",
                Payload=json.dumps({"model_id": model_id, "dry_run": dry_run}),
            )
        except ReadTimeoutError as error:
            raise ReconciliationRunningError(model_id) from error
        report = json.loads(answer["Payload"].read())
        if "FunctionError" in answer or not isinstance(report, dict):
            raise ReconciliationError("The reconciler broke.")
        return report
