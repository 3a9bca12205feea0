"""The schedule on which the reconciler looks at every model."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sns as sns
from constructs import Construct

from infra.config import Environment

_RETRIES = 2
_MAX_AGE = Duration.hours(1)
"""An older call does not matter: the schedule has looked at every model since."""


class ReconciliationSchedule(Construct):
    """Calls *reconcile* for all models; failed calls, also other functions', are retried.

    Those that go on failing are sent to *topic*, with what they were and what they failed of.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        reconcile: lambda_.Alias,
        environment: Environment,
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, id_)
        reconcile.configure_async_invoke(
            retry_attempts=_RETRIES,
            max_event_age=_MAX_AGE,
            on_failure=destinations.SnsDestination(topic),
        )
        self.rule = events.Rule(
            self,
            "Schedule",
            description="Reconciles all models.",
            schedule=events.Schedule.rate(Duration.minutes(environment.reconcile_every_min)),
            targets=[
                targets.LambdaFunction(
                    reconcile,
                    event=events.RuleTargetInput.from_object({}),
                    retry_attempts=_RETRIES,
                    max_event_age=_MAX_AGE,
                )
            ],
        )
