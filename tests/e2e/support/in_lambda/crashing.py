"""Lambda entries that can crash: `crashing.<task>` wraps a task, or the reconciler.

This module runs in the function's own process, beside its bundle. The folder named by the variable
CRASHES has one file per task and model, `<task>@<model>`: a JSON list of the crashes to come, each
`"before"` or `"after"` the task's work, or `"midway"`: after the first write to the ledger. Every
call takes the first entry and kills the process with SIGKILL. Each crash adds a line
`<task> <when>` to the file `crashed`. A reconciliation of all models is that of the model `(all)`.
"""

import importlib
import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

ALL_MODELS = "(all)"
_OTHER_ENTRIES = {"reconcile": ("functions.provision.reconcile_handler", "lambda_handler")}


def __getattr__(task: str) -> Callable[[dict[str, Any], Any], Any]:
    if task.startswith("_"):
        raise AttributeError(task)
    module, name = _OTHER_ENTRIES.get(task, ("functions.provision.handler", task))
    entry = getattr(importlib.import_module(module), name)

    def run(state: dict[str, Any], context: Any) -> Any:
        when = _next_crash(task, state.get("model_id", ALL_MODELS))
        if when == "before":
            _crash(task, when)
        if when == "midway":
            _crash_after_a_ledger_write(task)
        result = entry(state, context)
        if when == "after":
            _crash(task, when)
        return result

    return run


def _crash_after_a_ledger_write(task: str) -> None:
    ledger = importlib.import_module("functions.common.ledger.dynamodb").DynamoLedger
    write = ledger.write

    def write_and_crash(self: Any, *changed: Any) -> None:
        write(self, *changed)
        _crash(task, "midway")

    ledger.write = write_and_crash


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
