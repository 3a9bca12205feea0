"""Who is told when something needs a person, and of what."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from functions.common.observability import NAMESPACE
from infra.catalog import RECONCILE
from infra.config import Environment

_RUNS = 4
"""What the reconciler cannot put right in so many runs does not pass by itself."""


class Alarms(Construct):
    """A workflow that did not come to an end by itself: an endpoint may be left running, and paid
    for. A reconciler that broke, or that fails at something again and again."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        environment: Environment,
        workflow: sfn.StateMachine,
        reconcile: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, id_)
        self._topic = sns.Topic(self, "Topic", enforce_ssl=True)
        if environment.alarm_email:
            self._topic.add_subscription(subscriptions.EmailSubscription(environment.alarm_email))
        period = Duration.minutes(5)
        # One each: MiniStack has no alarms on a sum.
        ended = "A provisioning workflow ended as {}: see its history."
        self._add("Failed", ended, workflow.metric_failed(period=period))
        self._add("TimedOut", ended, workflow.metric_timed_out(period=period))
        self._add("Aborted", ended, workflow.metric_aborted(period=period))
        between = Duration.minutes(environment.reconcile_every_min)
        self._add(
            "ReconcilerBroken",
            "The reconciler broke: its log says why.",
            reconcile.metric_errors(period=between),
        )
        self._add(
            "ReconcilerFailing",
            "The reconciler cannot put everything right: its log says what (`reconcile.failed`, "
            "`reconcile.too_many_withdrawals`).",
            cloudwatch.Metric(
                namespace=NAMESPACE,
                metric_name="ReconcileFailures",
                dimensions_map={"service": RECONCILE.service},
                statistic="Sum",
                period=between,
            ),
            periods=_RUNS,
        )

    def _add(
        self, id_: str, description: str, metric: cloudwatch.IMetric, *, periods: int = 1
    ) -> None:
        """Tell the topic when *metric* counts one in so many *periods* in a row."""
        cloudwatch.Alarm(
            self,
            id_,
            alarm_description=description.format(id_),
            metric=metric,
            threshold=1,
            evaluation_periods=periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        ).add_alarm_action(actions.SnsAction(self._topic))
