"""One cold start, in a fresh interpreter that sees a bundle alone: `cold_call.py BUNDLE`.

The order is JSON on stdin: `handler`, `event`, `imports` (modules that a first call imports in
addition), `restored`. Prints `{"import_s": …, "call_s": …}`, CPU seconds of this process.

`restored` stands for SnapStart: after the import the hooks before the snapshot are run, then a
forked process runs those after the restore, and makes the first call; only what the fork does
counts.

Standard library alone.
"""

import importlib
import json
import os
import sys
import time
from types import SimpleNamespace
from typing import Any

CONTEXT = SimpleNamespace(
    function_name="bench",
    memory_limit_in_mb=1024,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:bench",
    aws_request_id="52fdfc07-2182-454f-963f-5f0f9a621d72",
    get_remaining_time_in_millis=lambda: 28_000,
)


def main(bundle: str) -> None:
    """Carry out the order on stdin; nothing of a handler's own gets to stdout."""
    sys.path.insert(0, bundle)
    answers, order = os.fdopen(os.dup(1), "w"), json.load(sys.stdin)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    began = time.process_time()
    module, _, entry = order["handler"].rpartition(".")
    handler = getattr(importlib.import_module(module), entry)
    imported = time.process_time()
    if order["restored"]:
        _before_snapshot()
        if pid := os.fork():
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        began = imported = time.process_time()
        _after_restore()
    for name in order["imports"]:
        importlib.import_module(name)
    answer = handler(order["event"], CONTEXT)
    ended = time.process_time()
    assert _is_good(answer), answer
    json.dump({"import_s": imported - began, "call_s": ended - imported}, answers)
    answers.flush()
    os._exit(0)


def _is_good(answer: Any) -> bool:
    return answer.get("statusCode", 200) < 300 and answer.get("outcome") != "failed"


def _before_snapshot() -> None:
    """Run the hooks as Lambda's runtime does: the last one first."""
    hooks = _hooks()
    registered = hooks.get_before_snapshot() if hooks else []
    while registered:
        function, arguments, options = registered.pop()
        function(*arguments, **options)


def _after_restore() -> None:
    hooks = _hooks()
    for function, arguments, options in hooks.get_after_restore() if hooks else []:
        function(*arguments, **options)


def _hooks() -> Any:
    return sys.modules.get("snapshot_restore_py")


if __name__ == "__main__":
    main(sys.argv[1])
