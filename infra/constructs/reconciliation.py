"""The function that makes reality follow the registry: by the clock, and when it is asked."""

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.catalog import RECONCILE
from infra.constructs.python_function import Foundations, PythonFunction
from infra.constructs.rights import allow_describing, allow_starting
from infra.constructs.workflow_name import WorkflowName

_RETRIES = 2
_MAX_AGE = Duration.hours(1)
"""A request that is older does not matter: the schedule has looked at every model since."""


class Reconciliation(Construct):
    """Looks at every model on a schedule, and at one when it is asked to."""

    def __init__(
        self, scope: Construct, id_: str, *, foundations: Foundations, workflow: WorkflowName
    ) -> None:
        super().__init__(scope, id_)
        environment = foundations.environment
        python = PythonFunction(
            self,
            RECONCILE.name,
            spec=RECONCILE,
            foundations=foundations,
            size=environment.reconcile,
            variables=foundations.variables.of_reconcile(state_machine=workflow.machine_arn),
        )
        self.function = python.function
        self.function.configure_async_invoke(retry_attempts=_RETRIES, max_event_age=_MAX_AGE)
        allow_starting(workflow, self.function)
        allow_describing(workflow, python)
        period = Duration.minutes(environment.reconcile_every_min)
        events.Rule(
            self,
            "Schedule",
            description="Has every model looked at.",
            schedule=events.Schedule.rate(period),
            targets=[
                targets.LambdaFunction(
                    self.function,
                    event=events.RuleTargetInput.from_object({}),
                    retry_attempts=_RETRIES,
                    max_event_age=_MAX_AGE,
                )
            ],
        )
