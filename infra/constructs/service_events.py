"""The bus on which the service's events are published, and the topic where people read them."""

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from functions.provision.announcements.event import SOURCE
from infra.config import Environment


class ServiceEvents(Construct):
    """A bus of its own, so that rules of others see nothing but these events.

    EventBridge tries for 24 hours to deliver an event to a target that does not take it.
    Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html

    Attributes:
        bus: For systems.
        topic: Gets the sentence of each event.
    """

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        self.bus = events.EventBus(
            self,
            "Bus",
            # The CDK's own choice is the same in every environment.
            event_bus_name=f"{environment.stack_name}-events",
            description="What becomes of models.",
        )
        self.topic = sns.Topic(self, "Topic", enforce_ssl=True)
        # By a role: the policy of a topic would let rules of any account publish.
        # A path, since a template does not escape quotation marks in what it is filled with.
        sentence = events.RuleTargetInput.from_event_path("$.detail.summary")
        events.Rule(
            self,
            "ForPeople",
            description="Sends the sentence of each event to the topic.",
            event_bus=self.bus,
            event_pattern=events.EventPattern(source=[SOURCE]),
            targets=[targets.SnsTopic(self.topic, message=sentence, authorize_using_role=True)],
        )
        if environment.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(environment.alarm_email))

    def allow_publishing(self, function: lambda_.Function) -> None:
        """Let *function* put events on the bus and nothing else; EVENT_BUS is its name."""
        iam.Grant.add_to_principal(
            grantee=function,
            actions=["events:PutEvents"],
            resource_arns=[self.bus.event_bus_arn],
        )
        function.add_environment("EVENT_BUS", self.bus.event_bus_name)
