"""The topic that alarms go to."""

from aws_cdk import Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.config import Environment


class AlarmTopic(Construct):
    """A topic to which the alarms of this account may publish.

    A topic without a policy lets its own account publish. `enforce_ssl` replaces that default by a
    policy that only denies, so the sender must be allowed in it.
    Source: https://repost.aws/knowledge-center/cloudwatch-receive-sns-for-alarm-trigger

    Attributes:
        topic: For whatever else people must hear of.
    """

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        self.topic = sns.Topic(self, "Topic", enforce_ssl=True)
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        if environment.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(environment.alarm_email))
