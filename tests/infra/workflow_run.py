"""Runs a state machine's definition with made-up tasks: enough of the Amazon States Language.

Source: https://states-language.net/spec.html (Task, Choice, Wait, Succeed; reference paths).
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.infra.synthesized import Json, Synthesized


class NoChoiceMatchedError(Exception):
    """A choice without a default had no rule for the state: the execution fails."""


def definition(stack: Synthesized) -> Json:
    """The state machine's definition, each task's resource being its function's entry."""
    text = ""
    parts = stack.only("AWS::StepFunctions::StateMachine")["DefinitionString"]["Fn::Join"][1]
    for part in parts:
        text += part if isinstance(part, str) else stack.handler_of(part["Fn::GetAtt"][0])
    return json.loads(text)


def run(machine: Json, tasks: Mapping[str, Callable[[Json], Any]]) -> list[str]:
    """The names of the states that an execution passes through.

    *tasks* by the name of the entry; what one raises, its retries used up, goes to the catch.
    """
    state: Json = {"model_id": "sales", "deployment_id": "d-1"}
    passed, name = [], machine["StartAt"]
    while True:
        passed.append(name)
        now = machine["States"][name]
        if now["Type"] == "Succeed":
            return passed
        name = _STEPS[now["Type"]](now, state, tasks)


def _task(now: Json, state: Json, tasks: Mapping[str, Callable[[Json], Any]]) -> str:
    entry = now["Resource"].rpartition(".")[2]
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


def _wait(now: Json, _state: Json, _tasks: object) -> str:
    return str(now["Next"])


def _matches(condition: Json, state: Json) -> bool:
    value = state
    for key in condition["Variable"].removeprefix("$.").split("."):
        value = value[key]
    if "IsString" in condition:
        return isinstance(value, str) is condition["IsString"]
    return bool(value == condition["StringEquals"])


def _put(state: Json, path: str, value: Any) -> None:
    state[path.removeprefix("$.")] = value


_STEPS = {"Task": _task, "Choice": _choice, "Wait": _wait}
