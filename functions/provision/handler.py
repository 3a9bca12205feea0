"""Lambda entries of the provisioning workflow, one per task.

Each takes the workflow's whole state and returns `{"outcome": …}`; an exception means "try again".
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common.deployments.record import Deployment, Status
from functions.provision import composition
from functions.provision.tasks.runner import IN_PROGRESS, TaskOutcome, logger, run_task

type State = dict[str, Any]
type Entry = Callable[[State, LambdaContext], dict[str, Any]]


def entry(
    *, accepts: frozenset[Status] = IN_PROGRESS
) -> Callable[[Callable[[Deployment, State], TaskOutcome]], Entry]:
    """Make a Lambda entry of a task on the deployment whose status is one that it *accepts*."""

    def decorate(task: Callable[[Deployment, State], TaskOutcome]) -> Entry:
        @logger.inject_lambda_context(clear_state=True)
        @wraps(task)
        def run(state: State, _context: LambdaContext) -> dict[str, Any]:
            return run_task(
                task.__name__,
                state,
                lambda deployment: task(deployment, state),
                store=composition.store(),
                accepts=accepts,
            )

        return run

    return decorate


@entry()
def validate(deployment: Deployment, _state: State) -> TaskOutcome:
    return composition.validation().validate(deployment)


@entry()
def package(deployment: Deployment, _state: State) -> TaskOutcome:
    return composition.packaging().package(deployment)


@entry()
def create(deployment: Deployment, _state: State) -> TaskOutcome:
    return composition.creation().create(deployment)


@entry()
def check(deployment: Deployment, _state: State) -> TaskOutcome:
    return composition.readiness().check(deployment)


@entry()
def verify(deployment: Deployment, _state: State) -> TaskOutcome:
    return composition.smoke_test().verify(deployment)


@entry(accepts=IN_PROGRESS | {Status.DEPLOYED})
def activate(deployment: Deployment, _state: State) -> TaskOutcome:
    return composition.activation().activate(deployment)


@entry(accepts=frozenset({Status.DEPLOYED, Status.STOPPED}))
def retire(deployment: Deployment, state: State) -> TaskOutcome:
    return composition.retirement().retire(deployment, state)


@entry(accepts=frozenset(Status))
def clean_up(deployment: Deployment, state: State) -> TaskOutcome:
    return composition.cleaning().clean_up(deployment, state)
