"""A synthesized template, searched by the properties of resources, never by logical ids."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import aws_cdk as cdk
from aws_cdk import Validations
from cdk_nag import AwsSolutionsChecks

from infra.config import Environment
from infra.environments import ENVIRONMENTS
from infra.stack import ModelServingStack

ROOT = Path(__file__).parents[2]

type Json = dict[str, Any]


@dataclass(frozen=True)
class Synthesized:
    """The template of one environment, its file, and the rules of cdk-nag that it breaks."""

    template: Json
    path: Path
    findings: frozenset[str]

    def all(self, type_: str) -> Iterator[tuple[str, Json]]:
        """Yield the logical id and the resource of each *type_*."""
        for id_, resource in self.template["Resources"].items():
            if resource["Type"] == type_:
                yield id_, resource

    def properties(self, type_: str) -> list[Json]:
        return [resource.get("Properties", {}) for _, resource in self.all(type_)]

    def only(self, type_: str) -> Json:
        """Return the properties of the one resource of *type_*."""
        (properties,) = self.properties(type_)
        return properties

    def function(self, handler: str) -> Json:
        """Return the properties of the function with the entry *handler*."""
        (found,) = (f for f in self.properties("AWS::Lambda::Function") if f["Handler"] == handler)
        return found

    def handler_of(self, id_: str) -> str:
        """Return the entry of the function that *id_* is, or is an alias or a version of."""
        resource = self.template["Resources"][id_]
        if resource["Type"] in {"AWS::Lambda::Alias", "AWS::Lambda::Version"}:
            return self.handler_of(resource["Properties"]["FunctionName"]["Ref"])
        return str(resource["Properties"]["Handler"])

    def variables(self, handler: str) -> Json:
        return dict(self.function(handler)["Environment"]["Variables"])

    def statements(self, handler: str) -> list[Json]:
        """Return all policy statements of the function's role; single values as lists."""
        role = {"Ref": self.function(handler)["Role"]["Fn::GetAtt"][0]}
        return [
            {**statement, "Action": as_list(statement["Action"])}
            | {"Resource": as_list(statement["Resource"])}
            for policy in self.properties("AWS::IAM::Policy")
            if role in policy["Roles"]
            for statement in policy["PolicyDocument"]["Statement"]
        ]

    def output(self, name: str) -> Any:
        return self.template["Outputs"][name]["Value"]


@cache
def template_of(name: str) -> Synthesized:
    """Return the template of the environment *name*, synthesized once per test run."""
    return synthesize(ENVIRONMENTS[name], Path(mkdtemp()))


def synthesize(environment: Environment, directory: Path, **flags: Any) -> Synthesized:
    """Return the stack's template and what cdk-nag finds in it, without building bundles.

    *flags*: values of the CDK's context beside those of cdk.json.
    """
    stack = make_stack(environment, directory, **flags)
    findings = frozenset(checked(stack))
    path = directory / stack.template_file
    return Synthesized(json.loads(path.read_text()), path, findings)


def checked(stack: cdk.Stack) -> set[str]:
    """Synthesize *stack*; return the rules of cdk-nag's findings that are not acknowledged."""
    app = cdk.App.of(stack)
    assert isinstance(app, cdk.App)
    Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    try:
        app.synth()
    except RuntimeError:
        report = json.loads((Path(app.outdir) / "validation-report.json").read_text())
        plugins = report["pluginReports"]
        return {found["ruleName"] for plugin in plugins for found in plugin["violations"]}
    return set()


def make_stack(environment: Environment, directory: Path, **flags: Any) -> ModelServingStack:
    """Return the stack in an app of its own, as cdk.json would start it."""
    return ModelServingStack(make_app(directory, **flags), environment=environment)


def make_app(directory: Path, **flags: Any) -> cdk.App:
    """Return an app with the flags of cdk.json, which builds no bundle."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"] | flags
    return cdk.App(context={**context, "aws:cdk:bundling-stacks": []}, outdir=str(directory))


def as_list(value: Any) -> list[Any]:
    """Return *value*, or a list of it: CloudFormation and IAM take either."""
    return value if isinstance(value, list) else [value]


def metrics_of(alarm: Json) -> list[Json]:
    """Return the metrics that *alarm* is about: its own, or those of its expression."""
    queries = alarm.get("Metrics", [])
    return [query["MetricStat"]["Metric"] for query in queries if "MetricStat" in query] or [alarm]
