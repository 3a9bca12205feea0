"""A function in a process of its own: `function_process.py HANDLER`.

It runs the hooks before the snapshot and prints a line. For each event that then comes as a line of
stdin, a fork of the process runs the hooks after the restore, handles the event, and prints its
process id, a random number and the answer as a line of JSON. It ends with the next line, which is
answered by another.
"""

import importlib
import json
import os
import random
import sys
from typing import Any

import snapshot_restore_py

from tests.events import LambdaContext


def main(entry: str) -> None:
    """Serve until stdin ends; nothing of a handler's own gets to stdout."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    module, _, name = entry.rpartition(".")
    handler = getattr(importlib.import_module(module), name)
    for hook, arguments, options in reversed(_hooks("get_before_snapshot")):
        hook(*arguments, **options)
    print("snapshot", file=answers, flush=True)
    state = random.getstate()
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            # A fork gets random numbers of its own, which a restored copy does not.
            random.setstate(state)
            _restored(handler, json.loads(line), answers)
        os.waitpid(pid, 0)
        print("ended", file=answers, flush=True)


def _restored(handler: Any, event: Any, answers: Any) -> None:
    for hook, arguments, options in _hooks("get_after_restore"):
        hook(*arguments, **options)
    answer = handler(event, LambdaContext())
    number = random.random()  # noqa: S311 - what is tested
    found = {"pid": os.getpid(), "random": number, "answer": answer}
    print(json.dumps(found), file=answers, flush=True)
    sys.stdin.readline()
    os._exit(0)


def _hooks(which: str) -> Any:
    return getattr(snapshot_restore_py, which)()


if __name__ == "__main__":
    main(sys.argv[1])
