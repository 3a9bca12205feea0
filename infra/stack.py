"""The whole service in one stack."""

from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.bundling import Bundles
from infra.config import Environment
from infra.constructs.alarms import Alarms
from infra.constructs.api import Api
from infra.constructs.deployments_table import DeploymentsTable
from infra.constructs.description import Description
from infra.constructs.key_authorizer import KeyAuthorizer
from infra.constructs.operations import Operations
from infra.constructs.prediction import Prediction
from infra.constructs.provisioning_tasks import ProvisioningTasks
from infra.constructs.provisioning_workflow import ProvisioningWorkflow
from infra.constructs.python_function import Foundations
from infra.constructs.reconciliation import Reconciliation
from infra.constructs.service_secrets import ServiceSecrets
from infra.constructs.serving_state_table import ServingStateTable
from infra.constructs.webhook import Webhook
from infra.constructs.workflow_name import WorkflowName
from infra.variables import Variables


class ModelServingStack(Stack):
    """Wires the constructs; what each may do stands in `infra.catalog`."""

    def __init__(
        self, scope: Construct, id_: str, *, environment: Environment, **options: Any
    ) -> None:
        super().__init__(scope, id_, **options)
        api = Api(self, "Api", environment=environment)
        secrets = ServiceSecrets(self, "Secrets", environment=environment)
        built_on = Foundations(
            environment=environment,
            bundles=Bundles(platform=environment.python_platform),
            table=DeploymentsTable(self, "DeployedModels", environment=environment),
            state=ServingStateTable(self, "ServingState"),
            secrets=secrets,
            variables=Variables(
                environment=environment,
                secrets=secrets,
                installation=f"{self.account}-{self.region}",
                api_url=api.url,
            ),
        )
        named = WorkflowName.of(self)
        reconcile = Reconciliation(
            self, "Reconciliation", foundations=built_on, workflow=named
        ).function
        workflow = ProvisioningWorkflow(
            self,
            "Provision",
            name=named,
            functions=ProvisioningTasks(self, "Tasks", foundations=built_on).functions,
            reconcile=reconcile,
            environment=environment,
        ).state_machine
        Alarms(self, "Alarms", environment=environment, workflow=workflow, reconcile=reconcile)
        starting: Any = {"foundations": built_on, "workflow": named, "reconcile": reconcile}
        api.add_routes(
            authorizer=KeyAuthorizer(self, "Keys", foundations=built_on),
            prediction=Prediction(
                self, "Prediction", foundations=built_on, reconcile=reconcile
            ).function,
            description=Description(self, "Description", foundations=built_on).function,
            operations=Operations(self, "Operations", **starting).function,
            webhook=Webhook(self, "Webhook", **starting).function,
        )
        outputs = {
            "ApiUrl": api.url,
            "WebhookUrl": f"{api.url}/webhooks/mlflow",
            "TableName": built_on.table.table.table_name,
            "StateMachineArn": named.machine_arn,
            "HuggingFaceTokenSecret": secrets.huggingface_token.secret_arn,
            "MlflowCredentialsSecret": secrets.mlflow_credentials.secret_arn,
            "WebhookSecret": secrets.webhook.secret_arn,
        }
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)
