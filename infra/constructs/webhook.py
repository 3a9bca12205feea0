"""The function that takes MLflow's webhooks and starts the workflow."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.catalog import MLFLOW_HOOK
from infra.constructs.python_function import Foundations, PythonFunction


class Webhook(Construct):
    """Writes the record of a wish and starts *workflow* for it."""

    def __init__(
        self, scope: Construct, id_: str, *, foundations: Foundations, workflow: sfn.StateMachine
    ) -> None:
        super().__init__(scope, id_)
        self.function = PythonFunction(
            self,
            MLFLOW_HOOK.name,
            spec=MLFLOW_HOOK,
            foundations=foundations,
            size=foundations.environment.mlflow_hook,
            variables={
                "STATE_MACHINE_ARN": workflow.state_machine_arn,
                "WEBHOOK_SECRET": foundations.secrets.webhook.secret_arn,
            },
        ).function
        iam.Grant.add_to_principal(
            grantee=self.function,
            actions=["states:StartExecution"],
            resource_arns=[workflow.state_machine_arn],
        )
