"""The whole service in one stack."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.bundling import Bundles
from infra.config import Environment
from infra.constructs.api import Api
from infra.constructs.deployments_table import DeploymentsTable
from infra.constructs.key_authorizer import KeyAuthorizer
from infra.constructs.prediction import Prediction
from infra.constructs.provisioning_tasks import ProvisioningTasks
from infra.constructs.provisioning_workflow import ProvisioningWorkflow
from infra.constructs.python_function import Foundations
from infra.constructs.service_secrets import ServiceSecrets
from infra.constructs.webhook import Webhook
from infra.constructs.workflow_alarm import WorkflowAlarm


class ModelServingStack(Stack):
    """Wires the constructs; what each may do stands in `infra.catalog`."""

    def __init__(
        self, scope: Construct, id_: str, *, environment: Environment, **options: Any
    ) -> None:
        super().__init__(scope, id_, **options)
        built_on = Foundations(
            environment=environment,
            bundles=Bundles(platform=environment.python_platform),
            table=DeploymentsTable(self, "DeployedModels", environment=environment),
            secrets=ServiceSecrets(self, "Secrets", environment=environment),
        )
        tasks = ProvisioningTasks(self, "Tasks", foundations=built_on)
        workflow = ProvisioningWorkflow(
            self, "Provision", functions=tasks.functions, environment=environment
        ).state_machine
        WorkflowAlarm(self, "WorkflowAlarm", workflow=workflow, environment=environment)
        api = Api(
            self,
            "Api",
            environment=environment,
            authorizer=KeyAuthorizer(self, "Keys", foundations=built_on),
            prediction=Prediction(self, "Prediction", foundations=built_on).function,
            webhook=Webhook(self, "Webhook", foundations=built_on, workflow=workflow).function,
        )
        outputs = {
            "ApiUrl": api.url,
            "WebhookUrl": f"{api.url}/webhooks/mlflow",
            "TableName": built_on.table.table.table_name,
            "StateMachineArn": workflow.state_machine_arn,
            "HuggingFaceTokenSecret": built_on.secrets.huggingface_token.secret_arn,
            "MlflowCredentialsSecret": built_on.secrets.mlflow_credentials.secret_arn,
            "WebhookSecret": built_on.secrets.webhook.secret_arn,
        }
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)
