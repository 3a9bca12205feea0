"""The schedule on which models are checked."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from constructs import Construct


class UptimeSchedule(Construct):
    """Calls *uptime* every *every_min* minutes.

    A failed call is not tried again, as the next one makes up for it: an alarm counts them.
    """

    def __init__(
        self, scope: Construct, id_: str, *, uptime: lambda_.Alias, every_min: int
    ) -> None:
        super().__init__(scope, id_)
        interval = Duration.minutes(every_min)
        uptime.configure_async_invoke(retry_attempts=0, max_event_age=interval)
        self.rule = events.Rule(
            self,
            "Schedule",
            description="Checks every model that does not sleep.",
            schedule=events.Schedule.rate(interval),
            targets=[
                targets.LambdaFunction(
                    uptime,
                    event=events.RuleTargetInput.from_object({}),
                    retry_attempts=0,
                    max_event_age=interval,
                )
            ],
        )
