"""The schedule on which a function runs."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sns as sns
from constructs import Construct

_RETRIES = 2
_MAX_AGE = Duration.hours(1)
"""An older call does not matter: the next one does its work as well."""


class FunctionSchedule(Construct):
    """Calls *function* with an empty event; failed calls, also other functions', are retried.

    Those that go on failing are sent to *topic*, with what they were and what they failed of.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        function: lambda_.Alias,
        schedule: events.Schedule,
        description: str,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, id_)
        function.configure_async_invoke(
            retry_attempts=_RETRIES,
            max_event_age=_MAX_AGE,
            on_failure=destinations.SnsDestination(topic),
        )
        self.rule = events.Rule(
            self,
            "Schedule",
            description=description,
            schedule=schedule,
            targets=[
                targets.LambdaFunction(
                    function,
                    event=events.RuleTargetInput.from_object({}),
                    retry_attempts=_RETRIES,
                    max_event_age=_MAX_AGE,
                )
            ],
        )
