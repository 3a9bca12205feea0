"""The function that takes MLflow's webhooks and starts the workflow."""

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.catalog import MLFLOW_HOOK
from infra.constructs.python_function import Foundations, PythonFunction
from infra.constructs.rights import allow_invoking, allow_starting
from infra.constructs.workflow_name import WorkflowName


class Webhook(Construct):
    """Writes the record of a request and starts *workflow* for it, or has *reconcile* look."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        foundations: Foundations,
        workflow: WorkflowName,
        reconcile: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, id_)
        self.function = PythonFunction(
            self,
            MLFLOW_HOOK.name,
            spec=MLFLOW_HOOK,
            foundations=foundations,
            size=foundations.environment.mlflow_hook,
            variables=foundations.variables.of_mlflow_hook(
                state_machine=workflow.machine_arn, reconcile=reconcile.function_name
            ),
        ).function
        allow_starting(workflow, self.function)
        allow_invoking(reconcile, self.function)
