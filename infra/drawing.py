"""Draws the workflow from the synthesized template: `python -m infra.drawing` writes the document.

Choices are drawn as the arrows that leave the state before them.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aws_cdk as cdk

from infra.bundling import ROOT
from infra.config import PRODUCTION
from infra.stack import ModelServingStack

DOCUMENT = ROOT / "docs/provisioning-workflow.md"
DOES = {
    "validate": "Reads the version from MLflow: is it wanted, can it be served, is there money for"
    " it? Takes over an earlier deployment's endpoint of this version that still stands.",
    "package": "Publishes the model's files with our handler on the Hub, or pins the commit of the"
    " model's own Hub source.",
    "create": "Asks Hugging Face for an endpoint that serves this commit.",
    "check": "Looks whether the endpoint is running and healthy before its deadline.",
    "verify": "Predicts the model's input example again and again: right answers, in time, from the"
    " revision that was asked for.",
    "activate": "Makes the deployment the live one, in one transaction with the one it replaces.",
    "reconcile": "Looks at the model once more: tells MLflow by tags, falls back, tries again.",
    "retire": "Deletes an endpoint that was live and its repository.",
    "clean_up": "Deletes what was made and writes down why the deployment ended.",
}
"""What a task is for, by its entry."""
_INTRODUCTION = """\
# The provisioning workflow

One execution brings one deployment up, or cleans up after it. A task answers `{"outcome": …}`, by
which the state machine goes on; “otherwise” is any answer that is not named, such as `failed`,
`superseded` or `ignored`, each with a `reason`. A task that breaks is tried again with growing
pauses; “breaks” means that its tries are used up. An execution that fails raises an alarm.

An execution with `"retire_only": true` deletes the endpoint of a deployment that stopped.

Written by `python -m infra.drawing` from the production template; a test compares the two.
"""
_FAILS = "the execution fails"

type Json = dict[str, Any]
type Arrows = dict[str, list[str]]


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(document(definition(_template())))


def definition(template: Json) -> Json:
    """The state machine's definition in *template*, each task's resource its function's entry."""
    resources = template["Resources"]
    (machine,) = (
        each for each in resources.values() if each["Type"] == "AWS::StepFunctions::StateMachine"
    )
    text = ""
    for part in machine["Properties"]["DefinitionString"]["Fn::Join"][1]:
        is_text = isinstance(part, str)
        text += part if is_text else resources[part["Fn::GetAtt"][0]]["Properties"]["Handler"]
    parsed: Json = json.loads(text)
    return parsed


def document(machine: Json) -> str:
    """The whole text: what it is, the drawing, the tasks."""
    return f"{_INTRODUCTION}\n```mermaid\n{diagram(machine)}```\n\n{_table(machine)}"


def diagram(machine: Json) -> str:
    """A stateDiagram in mermaid's words."""
    states = _in_order(machine)
    lines = [*_titles(machine, states)]
    for target, labels in _leading(machine, machine["StartAt"]).items():
        lines.append(_arrow("[*]", _identifier(target), labels))
    for name in states:
        for target, labels in _arrows(machine, name).items():
            lines.append(_arrow(_identifier(name), _identifier(target), labels))
        if machine["States"][name]["Type"] == "Succeed":
            lines.append(_arrow(_identifier(name), "[*]", []))
    lines.append(_arrow(_identifier(_FAILS), "[*]", []))
    return "".join(f"{line}\n" for line in ("stateDiagram-v2", *lines))


def _table(machine: Json) -> str:
    lines = ["| state | entry | does | leads to | tries |", "| --- | --- | --- | --- | --- |"]
    for name in _in_order(machine):
        state = machine["States"][name]
        if state["Type"] == "Task":
            entry = entry_of(state)
            leads = "; ".join(
                f"{' or '.join(labels) or 'whatever happens'}: {target}"
                for target, labels in _arrows(machine, name).items()
            )
            tries = state["Retry"][0]["MaxAttempts"] + 1
            lines.append(f"| {name} | `{entry}` | {DOES[entry]} | {leads} | {tries} |")
    return "\n".join([*lines, ""])


def entry_of(state: Json) -> str:
    """The task's name; the reconciler has a module of its own with Lambda's usual entry."""
    module, _, entry = state["Resource"].rpartition(".")
    return "reconcile" if module.endswith("reconcile_handler") else str(entry)


def _in_order(machine: Json) -> list[str]:
    """The states but for the choices, the way to success first."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name in found or name == _FAILS:
            return
        found.append(name)
        for target in _arrows(machine, name):
            visit(target)

    for name in reversed(_leading(machine, machine["StartAt"])):
        visit(name)
    return found


def _arrows(machine: Json, name: str) -> Arrows:
    """What *name* leads to, and for each of these why."""
    state = machine["States"][name]
    arrows: Arrows = _leading(machine, state["Next"]) if "Next" in state else {}
    if state["Type"] != "Task":
        return arrows
    caught = [catch["Next"] for catch in state.get("Catch", [{"Next": _FAILS}])]
    for target in caught:
        if target != state["Next"]:
            arrows.setdefault(target, []).append("breaks")
    return arrows


def _leading(machine: Json, name: str) -> Arrows:
    """Where an arrow to *name* ends: there, or beyond the choice that it is."""
    state = machine["States"][name]
    if state["Type"] != "Choice":
        return {name: []}
    arrows: Arrows = {}
    for rule in state["Choices"]:
        arrows.setdefault(rule["Next"], []).append(" and ".join(_conditions(rule)))
    arrows.setdefault(state.get("Default", _FAILS), []).append("otherwise")
    return arrows


def _conditions(rule: Json) -> Iterator[str]:
    """An outcome by its name, anything else by the name of what must be there."""
    for condition in rule.get("And", [rule]):
        if "IsPresent" not in condition:
            yield condition.get("StringEquals") or condition["Variable"].rpartition(".")[2]


def _titles(machine: Json, states: list[str]) -> Iterator[str]:
    """What mermaid is told of names that are not words, and of the length of waits."""
    for name in (*states, _FAILS):
        seconds = machine["States"].get(name, {}).get("Seconds")
        title = name if seconds is None else f"{name}, {seconds} s"
        if title != _identifier(name):
            yield f'    state "{title}" as {_identifier(name)}'


def _identifier(name: str) -> str:
    return re.sub(r"\W+", "_", name).strip("_")


def _arrow(source: str, target: str, labels: list[str]) -> str:
    return f"    {source} --> {target}" + (f": {' or '.join(labels)}" if labels else "")


def _template() -> Json:
    with TemporaryDirectory() as folder:
        app = cdk.App(context={"aws:cdk:bundling-stacks": []}, outdir=folder)
        stack = ModelServingStack(app, "Stack", environment=PRODUCTION)
        template: Json = json.loads((Path(app.synth().directory) / stack.template_file).read_text())
        return template


if __name__ == "__main__":
    main()
