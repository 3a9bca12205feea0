"""Runs a state machine's definition with made-up tasks: enough of the Amazon States Language.

Source: https://states-language.net/spec.html (Task, Choice, Wait, Succeed; reference paths).
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.infra.synthesized import Json, Synthesized

_ABSENT = object()


class NoChoiceMatchedError(Exception):
    """A choice without a default had no matching rule: the execution fails."""


class MissingPathError(Exception):
    """A choice compares a path that is not in the state: the execution fails."""


def definition(stack: Synthesized) -> Json:
    """Return the state machine's definition; the resource of a task is its function's entry."""
    machine = stack.only("AWS::StepFunctions::StateMachine")
    text = "".join(
        part if isinstance(part, str) else stack.handler_of(part["Ref"])
        for part in machine["DefinitionString"]["Fn::Join"][1]
    )
    parsed: Json = json.loads(text)
    return parsed


def entry_of(state: Json) -> str:
    """Return the task's name; the reconciler is the entry of a module of its own."""
    module, _, entry = state["Resource"].rpartition(".")
    return "reconcile" if module.endswith("reconcile_handler") else str(entry)


def run(machine: Json, tasks: Mapping[str, Callable[[Json], Any]], **values: Any) -> list[str]:
    """The names of the states that an execution, with *values* in its input, passes through.

    *tasks* by the name of the entry; what one raises, its retries used up, goes to the catch.
    """
    state: Json = {"model_id": "sales", "deployment_id": "d-1", **values}
    passed, name = [], machine["StartAt"]
    while True:
        passed.append(name)
        now = machine["States"][name]
        if now["Type"] == "Succeed":
            return passed
        name = _STEPS[now["Type"]](now, state, tasks)


def _task(now: Json, state: Json, tasks: Mapping[str, Callable[[Json], Any]]) -> str:
    entry = entry_of(now)
    try:
        _put(state, now["ResultPath"], tasks[entry](state))
    except LookupError as error:
        if "Catch" not in now:
            raise
        (catch,) = now["Catch"]
        _put(state, catch["ResultPath"], {"Error": type(error).__name__})
        return str(catch["Next"])
    return str(now["Next"])


def _choice(now: Json, state: Json, _tasks: object) -> str:
    for rule in now["Choices"]:
        if all(_matches(condition, state) for condition in rule.get("And", [rule])):
            return str(rule["Next"])
    if "Default" not in now:
        raise NoChoiceMatchedError(state)
    return str(now["Default"])


def _wait(now: Json, state: Json, _tasks: object) -> str:
    if path := now.get("SecondsPath"):
        seconds: Any = state
        for key in path.removeprefix("$.").split("."):
            seconds = seconds[key]
        assert isinstance(seconds, int)
        assert seconds >= 0
    return str(now["Next"])


def _matches(condition: Json, state: Json) -> bool:
    value: Any = state
    for key in condition["Variable"].removeprefix("$.").split("."):
        value = value.get(key, _ABSENT) if isinstance(value, dict) else _ABSENT
    if "IsPresent" in condition:
        return (value is not _ABSENT) is condition["IsPresent"]
    if value is _ABSENT:
        raise MissingPathError(condition["Variable"])
    if "IsString" in condition:
        return isinstance(value, str) is condition["IsString"]
    if "BooleanEquals" in condition:
        return value is condition["BooleanEquals"]
    return bool(value == condition["StringEquals"])


def _put(state: Json, path: str | None, value: Any) -> None:
    if path is not None:
        state[path.removeprefix("$.")] = value


_STEPS = {"Task": _task, "Choice": _choice, "Wait": _wait}
