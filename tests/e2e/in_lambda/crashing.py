"""The workflow's tasks with crashes: `crashing.<task>` stands in for the function's own entry,
and `crashing.reconcile` for the reconciler's.

It runs in the function's process, beside its bundle. The folder that the variable CRASHES names
holds one file per task and model, `<task>@<model>`: a JSON list of crashes still to come, each
`"before"` or `"after"` the task's work. Every call takes the first one; the process then ends as
if it were killed. What has happened stands in the file `crashed`, a line `<task> <when>` each.
"""

import importlib
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

_ELSEWHERE = {"reconcile": ("functions.provision.reconcile_handler", "lambda_handler")}


def __getattr__(task: str) -> Callable[[dict[str, Any], Any], Any]:
    if task.startswith("_"):
        raise AttributeError(task)
    module, name = _ELSEWHERE.get(task, ("functions.provision.handler", task))
    entry = getattr(importlib.import_module(module), name)

    def run(state: dict[str, Any], context: Any) -> Any:
        when = _next_crash(task, state["model_id"])
        if when == "before":
            _crash(task, when)
        result = entry(state, context)
        if when == "after":
            _crash(task, when)
        return result

    return run


def _folder() -> Path:
    return Path(os.environ["CRASHES"])


def _next_crash(task: str, model: str) -> str | None:
    orders = _folder() / f"{task}@{model}"
    if not orders.exists():
        return None
    when, *later = json.loads(orders.read_text()) or [None]
    orders.write_text(json.dumps(later))
    return when


def _crash(task: str, when: str) -> None:
    with (_folder() / "crashed").open("a") as crashed:
        crashed.write(f"{task} {when}\n")
    os.kill(os.getpid(), signal.SIGKILL)
