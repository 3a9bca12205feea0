"""Lambda entries of the provisioning workflow, one per task.

Each takes the workflow's whole state and returns `{"outcome": …}`; an exception means "try again".
"""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common.observability import entry
from functions.provision.bootstrap import workflow_tasks
from functions.provision.tasks.runner import State, logger

type Entry = Callable[[State, LambdaContext], dict[str, Any]]


def task_entry(task: str) -> Entry:
    """Make the Lambda entry of *task*."""

    @entry(logger)
    @logger.inject_lambda_context(clear_state=True)
    def run(state: State, _context: LambdaContext) -> dict[str, Any]:
        return workflow_tasks().run(task, state)

    return run


validate = task_entry("validate")
package = task_entry("package")
create = task_entry("create")
check = task_entry("check")
verify = task_entry("verify")
agree = task_entry("agree")
activate = task_entry("activate")
bake = task_entry("bake")
retire = task_entry("retire")
clean_up = task_entry("clean_up")
