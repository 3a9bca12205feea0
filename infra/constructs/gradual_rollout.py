"""Shifts the callers of a function to its new version step by step, by CodeDeploy.

CloudFormation moves the alias through CodeDeploy from the second deployment on; a first one makes
it name its version at once. When the alarm is raised meanwhile, CodeDeploy moves the alias back and
CloudFormation rolls the stack back.
"""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_sns as sns
from constructs import Construct

from functions.common.metric_names import INTERNAL_ERRORS, NAMESPACE, VERSION
from infra.config import Environment
from infra.constructs.python_function import PythonFunction
from infra.function_alias import ALIAS
from infra.function_spec import FunctionSpec
from infra.monitoring.alarm_spec import runbook_of
from infra.nag import acknowledge
from infra.rollouts import codedeploy_name

_RUNBOOK = runbook_of("a-rollout-was-rolled-back")
_PERIOD = Duration.minutes(1)
_BAD_PERCENT = 1
"""Below a hundred calls a minute, one bad call."""
_ROLE = (
    "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited"
)


class GradualRollout(Construct):
    """Moves the alias of *function*, which *spec* describes; *topic* hears of a rollback.

    Attributes:
        alarm: Rolls back.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        function: PythonFunction,
        spec: FunctionSpec,
        environment: Environment,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, id_)
        self.alarm = self._alarm(function, spec, environment)
        self.alarm.add_alarm_action(actions.SnsAction(topic))
        group = codedeploy.LambdaDeploymentGroup(
            self,
            "Deployments",
            alias=function.live,
            alarms=[self.alarm],
            deployment_config=codedeploy.LambdaDeploymentConfig.from_lambda_deployment_config_name(
                self, "Steps", codedeploy_name(environment.predict_rollout)
            ),
        )
        # The alarm is about the new version before the first caller gets there.
        function.live.node.add_dependency(group)
        acknowledge(
            group, {f"AwsSolutions-IAM4[{_ROLE}]": "The only policy that CodeDeploy documents."}
        )

    def _alarm(
        self, function: PythonFunction, spec: FunctionSpec, environment: Environment
    ) -> cloudwatch.Alarm:
        """Return the alarm on the new version's own errors, whose models are not looked at.

        It is about one version alone, so that the errors of a bad one do not stop the deployment
        of a better one. CloudWatch has data of a version while the alias names two.
        Sources: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html,
        https://github.com/aws/serverless-application-model/issues/716
        """
        name, version = function.function.function_name, function.version.version
        of_lambda = {
            "FunctionName": name,
            # Not the alias' own name, or the alias and the alarm would wait for each other.
            "Resource": f"{name}:{ALIAS}",
            "ExecutedVersion": version,
        }
        of_ours = {
            "environment": environment.name,
            "service": spec.service,
            VERSION: version,
        }
        return cloudwatch.Alarm(
            self,
            "NewVersionFails",
            alarm_description=(
                f"The new version of the function {spec.name} breaks, runs out of time or memory, "
                "or answers with internal errors: its deployment is rolled back. "
                f"Runbook: {_RUNBOOK}"
            ),
            metric=cloudwatch.MathExpression(
                expression="100 * (broken + FILL(internal, 0)) / calls",
                label="Bad calls (%)",
                using_metrics={
                    "broken": _sum("AWS/Lambda", "Errors", of_lambda),
                    "internal": _sum(NAMESPACE, INTERNAL_ERRORS, of_ours),
                    "calls": _sum("AWS/Lambda", "Invocations", of_lambda),
                },
                period=_PERIOD,
            ),
            threshold=_BAD_PERCENT,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            # No calls, or one version alone.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )


def _sum(namespace: str, name: str, dimensions: dict[str, str]) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=namespace,
        metric_name=name,
        dimensions_map=dimensions,
        statistic="Sum",
        period=_PERIOD,
    )
