"""Executions of the state machine, one state at a time, by the clock and with retries.

Source: https://states-language.net/spec.html (Task with Retry and Catch, Choice, Wait, Succeed).
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.infra.workflow_run import entry_of
from tests.simulation.accidents import Crash

type Json = dict[str, Any]


class Execution:
    """One execution; `at` is its next state, `due` is when that can be entered."""

    def __init__(self, name: str, machine: Json, state: Json, *, now: datetime) -> None:
        self.name = name
        self.status = "RUNNING"
        self.due = now
        self.transitions = 0
        self._machine = machine
        self._state = state
        self.at: str = machine["StartAt"]
        self._tries = 0

    @property
    def is_running(self) -> bool:
        return self.status == "RUNNING"

    def step(self, tasks: Mapping[str, Callable[[Json], Any]], now: datetime) -> None:
        """Enter the next state; what a task raises is retried, caught, or ends the execution."""
        state = self._machine["States"][self.at]
        self.transitions += 1
        match state["Type"]:
            case "Succeed":
                self.status = "SUCCEEDED"
            case "Wait":
                self._go(state["Next"], now + timedelta(seconds=self._wait_s(state)))
            case "Choice":
                self._go(self._chosen(state), now)
            case "Task":
                self._task(state, tasks, now)
            case other:
                raise NotImplementedError(other)

    def _task(self, state: Json, tasks: Mapping[str, Callable[[Json], Any]], now: datetime) -> None:
        entry = entry_of(state)
        try:
            result = tasks[entry](dict(self._input(state)))
        except (Exception, Crash) as error:  # noqa: BLE001 - whatever it is, it is retried
            self._broken(state, error, now)
            return
        if "ResultPath" not in state or state["ResultPath"] is not None:
            self._state[state["ResultPath"].removeprefix("$.")] = result
        self._go(state["Next"], now)

    def _wait_s(self, state: Json) -> int:
        path = state.get("SecondsPath")
        return int(_at(self._state, path) if path else state["Seconds"])

    def _input(self, state: Json) -> Json:
        if "Parameters" not in state:
            return self._state
        return {
            key.removesuffix(".$"): _at(self._state, value) if key.endswith(".$") else value
            for key, value in state["Parameters"].items()
        }

    def _broken(self, state: Json, error: BaseException, now: datetime) -> None:
        retry = state["Retry"][0]
        if self._tries < retry["MaxAttempts"]:
            pause_s = retry["IntervalSeconds"] * retry["BackoffRate"] ** self._tries
            self._tries += 1
            self.due = now + timedelta(seconds=min(pause_s, retry["MaxDelaySeconds"]))
        elif "Catch" in state:
            (catch,) = state["Catch"]
            if catch.get("ResultPath") is not None:
                path = catch["ResultPath"].removeprefix("$.")
                self._state[path] = {"Error": type(error).__name__}
            self._go(catch["Next"], now)
        else:
            self.status = "FAILED"

    def _go(self, name: str, due: datetime) -> None:
        self.at, self._tries, self.due = name, 0, due

    def _chosen(self, state: Json) -> str:
        for rule in state["Choices"]:
            if _matches(rule, self._state):
                return str(rule["Next"])
        return str(state["Default"])


def _matches(rule: Json, state: Json) -> bool:
    if "And" in rule:
        return all(_matches(each, state) for each in rule["And"])
    if "Not" in rule:
        return not _matches(rule["Not"], state)
    value = _at(state, rule["Variable"])
    if "IsPresent" in rule:
        return (value is not None) is rule["IsPresent"]
    if "IsString" in rule:
        return isinstance(value, str) is rule["IsString"]
    if "BooleanEquals" in rule:
        return bool(value is rule["BooleanEquals"])
    return bool(value == rule["StringEquals"])


def _at(state: Json, path: str) -> Any:
    value: Any = state
    for key in path.removeprefix("$.").split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value
