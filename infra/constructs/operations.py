"""The function behind the operating routes: redeploy, undeploy, redrive, reconcile now."""

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.catalog import OPERATIONS
from infra.constructs.python_function import Foundations, PythonFunction
from infra.constructs.rights import allow_invoking, allow_starting
from infra.constructs.workflow_name import WorkflowName


class Operations(Construct):
    """Writes an operator's request, starts *workflow* for it, and has *reconcile* do the rest."""

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
            OPERATIONS.name,
            spec=OPERATIONS,
            foundations=foundations,
            size=foundations.environment.operations,
            variables=foundations.variables.of_operations(
                state_machine=workflow.machine_arn, reconcile=reconcile.function_name
            ),
        ).function
        allow_starting(workflow, self.function)
        allow_invoking(reconcile, self.function)
