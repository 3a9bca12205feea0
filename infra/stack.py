"""The whole service in one stack."""

from typing import Any

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk.aws_events import Schedule
from constructs import Construct

from functions.provision.webhook.base import WEBHOOK_PATH
from infra.bundling import Bundles
from infra.config import Environment
from infra.constructs.api import Api
from infra.constructs.function_schedule import FunctionSchedule
from infra.constructs.gradual_rollout import GradualRollout
from infra.constructs.provisioning_workflow import ProvisioningWorkflow
from infra.constructs.service_events import ServiceEvents
from infra.constructs.service_functions import ServiceFunctions
from infra.constructs.service_secrets import ServiceSecrets
from infra.constructs.shared_resources import SharedResources
from infra.constructs.tables import DeploymentsTable, ServingStateTable
from infra.constructs.uptime_schedule import UptimeSchedule
from infra.constructs.workflow_name import WorkflowName
from infra.functions import AUTHORIZER, MLFLOW_HOOK, OPERATE, PREDICT, RECONCILE, UPTIME, USAGE
from infra.monitoring.alarm_topic import AlarmTopic
from infra.monitoring.monitored import Monitored
from infra.monitoring.monitoring import Monitoring
from infra.rollouts import ALL_AT_ONCE
from infra.workflow_tasks import TASKS

_NAMED = (RECONCILE, AUTHORIZER, MLFLOW_HOOK, OPERATE, UPTIME, USAGE)
"""Functions that people and `make doctor` and `make undeploy-all` name."""
NIGHTLY = Schedule.cron(hour="0", minute="20")
"""In UTC, when the log of the day that is over is complete (`functions.usage.roll_up`)."""


class ModelServingStack(Stack):
    """Connects the constructs; the rights of each function are in `infra.functions`."""

    def __init__(self, scope: Construct, *, environment: Environment, **options: Any) -> None:
        super().__init__(
            scope,
            # The same everywhere, as some logical ids contain it.
            "HokusModelServing",
            stack_name=environment.stack_name,
            termination_protection=environment.keep_data,
            # CloudFormation puts them on every resource that can have tags.
            tags={"service": "hokus-model-serving", "environment": environment.name},
            **options,
        )
        # Its logical id is that of the first release: people have subscribed to it by hand.
        topic = AlarmTopic(self, "Alarms", environment=environment).topic
        api = Api(self, "Api", environment=environment)
        shared = SharedResources(
            environment=environment,
            bundles=Bundles(platform=environment.python_platform),
            table=DeploymentsTable(self, "DeployedModels", environment=environment),
            state=ServingStateTable(self, "ServingState"),
            secrets=ServiceSecrets(self, "Secrets", environment=environment),
            workflow=WorkflowName(self),
            events=ServiceEvents(self, "Events", environment=environment),
            installation=environment.installation(self.account, self.region),
            api_url=api.url,
        )
        functions = ServiceFunctions(self, "Functions", shared=shared)
        reconcile = functions.get(RECONCILE)
        schedule = FunctionSchedule(
            self,
            "Reconciliation",
            function=reconcile.live,
            schedule=Schedule.rate(Duration.minutes(environment.reconcile_every_min)),
            description="Reconciles all models.",
            topic=topic,
        )
        FunctionSchedule(
            self,
            "UsageRollUp",
            function=functions.get(USAGE).live,
            schedule=NIGHTLY,
            description="Rolls up the usage of the day that is over, in UTC.",
            topic=topic,
        )
        UptimeSchedule(
            self,
            "UptimeChecks",
            uptime=functions.get(UPTIME).live,
            every_min=environment.uptime_every_min,
        )
        workflow = ProvisioningWorkflow(
            self,
            "Provision",
            name=shared.workflow,
            tasks={task: functions.get(spec) for task, spec in TASKS.items()},
            reconcile=reconcile.live,
            environment=environment,
        ).state_machine
        rollout = None
        if environment.predict_rollout != ALL_AT_ONCE:
            rollout = GradualRollout(
                self,
                "PredictRollout",
                function=functions.get(PREDICT),
                spec=PREDICT,
                environment=environment,
                topic=topic,
            )
        monitored = Monitored(
            shared=shared,
            api=api,
            functions=functions,
            workflow=workflow,
            rollout=rollout.alarm if rollout else None,
        )
        Monitoring(self, "Monitoring", monitored=monitored, topic=topic)
        api.add_routes(functions)
        self._add_outputs(shared, functions)
        CfnOutput(self, "AlarmTopic", value=topic.topic_arn)
        CfnOutput(self, "ReconciliationRule", value=schedule.rule.rule_name)
        if environment.artifact_bucket:
            CfnOutput(self, "ArtifactBucket", value=environment.artifact_bucket)

    def _add_outputs(self, shared: SharedResources, functions: ServiceFunctions) -> None:
        outputs = {
            "ApiUrl": shared.api_url,
            "WebhookUrl": f"{shared.api_url}{WEBHOOK_PATH}",
            "TableName": shared.table.table.table_name,
            "StateMachineArn": shared.workflow.machine_arn,
            "EventBus": shared.events.bus.event_bus_name,
            "EventTopic": shared.events.topic.topic_arn,
            **{
                f"{each.name}Function": functions.get(each).function.function_name
                for each in _NAMED
            },
            "HuggingFaceTokenSecret": shared.secrets.arn("huggingface_token"),
            "HuggingFaceCallingTokenSecret": shared.secrets.arn("huggingface_calling_token"),
            "MlflowCredentialsSecret": shared.secrets.arn("mlflow_credentials"),
            "UptimeApiKeySecret": shared.secrets.arn("uptime_api_key"),
            "WebhookSecret": shared.secrets.arn("webhook"),
        }
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)
