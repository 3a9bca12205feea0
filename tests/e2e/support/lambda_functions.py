"""The deployed Lambda functions, for tests that change their configuration."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from infra.function_alias import ALIAS
from infra.local.deployment import aws_client
from infra.local.system import LocalSystem

TASKS = "functions.provision.handler."
RECONCILE = "functions.provision.reconcile_handler.lambda_handler"
NOTHING: Mapping[str, str] = MappingProxyType({})


class LambdaFunctions:
    """Changes functions' environment and entry temporarily, as a deployment does.

    Every change publishes versions, to which the alias and new executions of the workflow go; the
    executions that are running keep theirs.
    """

    def __init__(self, system: LocalSystem) -> None:
        self._lambda = aws_client("lambda", system.aws_url)
        self._step_functions = aws_client("stepfunctions", system.aws_url)
        pages = self._lambda.get_paginator("list_functions").paginate()
        everyone = [function for page in pages for function in page["Functions"]]
        self._names = {each["Handler"]: each["FunctionName"] for each in everyone}
        self._variables = {each["Handler"]: each["Environment"]["Variables"] for each in everyone}

    @property
    def tasks(self) -> dict[str, str]:
        """Entries of the workflow's tasks and of the reconciler, by task."""
        own = {e.removeprefix(TASKS): e for e in self._names if e.startswith(TASKS)}
        return {**own, "reconcile": RECONCILE}

    def live(self, entry: str) -> str:
        """Return the name in AWS, with the alias, of the function with this entry."""
        return f"{self._names[entry]}:{ALIAS}"

    @contextmanager
    def reconfigured(
        self, variables: Mapping[str, Mapping[str, str]], *, entries: Mapping[str, str] = NOTHING
    ) -> Iterator[None]:
        """Add *variables* and replace *entries* for the block; both by the function's own entry."""
        before = {entry: self._variables[entry] for entry in variables}
        changed_variables = {entry: {**before[entry], **variables[entry]} for entry in variables}
        self._update(changed_variables, entries)
        try:
            yield
        finally:
            self._update(before, {})

    def _update(
        self, variables: Mapping[str, Mapping[str, str]], entries: Mapping[str, str]
    ) -> None:
        """Update the functions and publish them."""
        for entry, values in variables.items():
            self._lambda.update_function_configuration(
                FunctionName=self._names[entry],
                Handler=entries.get(entry, entry),
                Environment={"Variables": dict(values)},
            )
        # Every update takes equally long.
        through = self._lambda.get_waiter("function_updated_v2")
        through.wait(FunctionName=self._names[[*variables][-1]], WaiterConfig={"Delay": 1})
        self._publish([self._names[entry] for entry in variables])

    def _publish(self, names: Iterable[str]) -> None:
        """Publish the functions *names*; the alias and the workflow name the new versions."""
        (machine,) = self._step_functions.list_state_machines()["stateMachines"]
        machine = {"stateMachineArn": machine["stateMachineArn"]}
        definition = self._step_functions.describe_state_machine(**machine)["definition"]
        for name in names:
            published = self._lambda.publish_version(FunctionName=name)
            version = published["Version"]
            self._lambda.update_alias(FunctionName=name, Name=ALIAS, FunctionVersion=version)
            definition = re.sub(rf"\b{name}:\d+\b", f"{name}:{version}", definition)
        self._step_functions.update_state_machine(**machine, definition=definition)
