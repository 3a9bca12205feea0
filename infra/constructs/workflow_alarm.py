"""Tells a person of a workflow that did not come to an end by itself."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.config import Environment


class WorkflowAlarm(Construct):
    """Failed, timed out or aborted: an endpoint may be left running, and paid for."""

    def __init__(
        self, scope: Construct, id_: str, *, workflow: sfn.StateMachine, environment: Environment
    ) -> None:
        super().__init__(scope, id_)
        self.topic = sns.Topic(self, "Topic", enforce_ssl=True)
        if environment.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(environment.alarm_email))
        period = Duration.minutes(5)
        # One each: MiniStack has no alarms on a sum.
        self._alarm("Failed", workflow.metric_failed(period=period))
        self._alarm("TimedOut", workflow.metric_timed_out(period=period))
        self._alarm("Aborted", workflow.metric_aborted(period=period))

    def _alarm(self, id_: str, metric: cloudwatch.Metric) -> None:
        alarm = cloudwatch.Alarm(
            self,
            id_,
            alarm_description=f"A provisioning workflow ended as {id_}: see its history.",
            metric=metric,
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(self.topic))
