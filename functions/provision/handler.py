"""Lambda entries of the provisioning workflow, one per task.

Each takes the workflow's whole state and returns `{"outcome": …}`; an exception means "try again".
"""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.provision.bootstrap import workflow_tasks
from functions.provision.tasks.runner import State, logger

type Entry = Callable[[State, LambdaContext], dict[str, Any]]


def entry(task: str) -> Entry:
    """Make the Lambda entry of *task*."""

    @logger.inject_lambda_context(clear_state=True)
    def run(state: State, _context: LambdaContext) -> dict[str, Any]:
        return workflow_tasks().run(task, state)

    return run


validate = entry("validate")
package = entry("package")
create = entry("create")
check = entry("check")
verify = entry("verify")
activate = entry("activate")
retire = entry("retire")
clean_up = entry("clean_up")
