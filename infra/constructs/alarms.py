"""Alarms on everything that needs a person."""

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from functions.common.metric_names import NAMESPACE
from infra.config import Environment
from infra.function_spec import FunctionSpec
from infra.functions import PREDICT, RECONCILE

_RUNS = 4
"""Failures that last for so many runs of the reconciler need a person."""


class Alarms(Construct):
    """One topic, and an alarm for each of these:

    A workflow failed, timed out or was aborted: an endpoint may be left running, and paid for.
    The reconciler raised, or fails at something again and again, MLflow's webhook among it. It
    holds endpoints whose records seem to be lost. Circuits keep opening.

    Attributes:
        topic: For further alarms.
    """

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
        self.topic = self._make_topic()
        if environment.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(environment.alarm_email))
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
            "`reconcile.too_many_undeployments`).",
            _custom_metric("ReconcileFailures", RECONCILE, environment, between),
            periods=_RUNS,
        )
        self._add(
            "OrphansHeld",
            "Records of running endpoints seem to be lost (`reconcile.too_many_orphans`): restore "
            "the table, or confirm that the endpoints may go. See docs/operating.md.",
            _custom_metric("OrphansHeld", RECONCILE, environment, between),
        )
        self._add(
            "WebhookFailing",
            "MLflow has no working webhook of this installation, so that new versions wait for the "
            "schedule: the reconciler's log says why (`webhook.checked`).",
            _custom_metric("WebhookFailures", RECONCILE, environment, between),
            periods=_RUNS,
        )
        self._add(
            "CircuitOpening",
            "Endpoints of models keep failing: the log of the function Predict says which "
            "(`circuit.changed`).",
            _custom_metric("CircuitOpened", PREDICT, environment, Duration.minutes(15)),
            threshold=3,
        )

    def _make_topic(self) -> sns.Topic:
        """Return a topic to which the alarms of this account may publish.

        A topic without a policy lets its own account publish. `enforce_ssl` replaces that default
        by a policy that only denies, so the sender must be allowed in it.
        Source: https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger
        """
        topic = sns.Topic(self, "Topic", enforce_ssl=True)
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        return topic

    def _add(
        self,
        id_: str,
        description: str,
        metric: cloudwatch.IMetric,
        *,
        threshold: int = 1,
        periods: int = 1,
    ) -> None:
        """Raise an alarm when *metric* counts *threshold* in so many *periods* in a row."""
        cloudwatch.Alarm(
            self,
            id_,
            alarm_description=description.format(id_),
            metric=metric,
            threshold=threshold,
            evaluation_periods=periods,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        ).add_alarm_action(actions.SnsAction(self.topic))


def _custom_metric(
    name: str, spec: FunctionSpec, environment: Environment, period: Duration
) -> cloudwatch.Metric:
    """Return the metric *name* of the function of *spec*, summed over *period*."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=name,
        dimensions_map={"environment": environment.name, "service": spec.service},
        statistic="Sum",
        period=period,
    )
