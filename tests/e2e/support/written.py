"""Everything that the system has written by the end of the tests, as texts to be searched."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlflow import MlflowClient

from infra.functions import FUNCTIONS
from infra.local.deployment import aws_client
from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ANSWERS
from tests.e2e.support.workflow_control import TABLE

_MOST_CHARACTERS = 2_000_000
"""Of a published file that is searched: models' weights can be large."""


@dataclass(frozen=True, slots=True)
class Written:
    """A text, the *place* it is from, and the *kind* of the place."""

    kind: str
    place: str
    text: str


def everything(system: LocalSystem, command_lines: set[str]) -> Iterator[Written]:
    """Yield all texts. A secret stands in the attribute that is made for it, which is left out."""
    yield from _logs(system)
    yield from _histories(system)
    yield from _tables(system)
    yield from _configuration(system)
    yield from _registry(system)
    yield from _files(system)
    # A copy: other tests may go on.
    yield from (Written("answer", answer[:80], answer) for answer in [*ANSWERS])
    yield from (Written("command line", line[:80], line) for line in command_lines)


def endpoint_secrets(system: LocalSystem) -> dict[str, str]:
    """Return the secret of every deployment's endpoint."""
    return {
        f"secret of {item['id']['S']}": item["endpoint_secret"]["S"]
        for item in _items(system, TABLE)
        if "endpoint_secret" in item
    }


def deployment_ids(system: LocalSystem) -> set[str]:
    """Return the ids of all deployments on record."""
    return {item["id"]["S"] for item in _items(system, TABLE)} - {"target", "live"}


def _logs(system: LocalSystem) -> Iterator[Written]:
    """Metrics are lines of the functions' logs, which CloudWatch reads."""
    logs = aws_client("logs", system.aws_url)
    for group in logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=name)
        for event in (event for page in pages for event in page["events"]):
            message = event["message"]
            kind = "metric" if '"CloudWatchMetrics"' in message else "log"
            yield Written(kind, name, message)


def _histories(system: LocalSystem) -> Iterator[Written]:
    """The input, output and cause of every state."""
    client = aws_client("stepfunctions", system.aws_url)
    for machine in client.list_state_machines()["stateMachines"]:
        pages = client.get_paginator("list_executions").paginate(
            stateMachineArn=machine["stateMachineArn"]
        )
        for execution in (each for page in pages for each in page["executions"]):
            arn = execution["executionArn"]
            described = client.describe_execution(executionArn=arn)
            yield Written("history", arn, json.dumps(described, default=str))
            events = client.get_paginator("get_execution_history").paginate(executionArn=arn)
            for event in (each for page in events for each in page["events"]):
                yield Written("history", arn, json.dumps(event, default=str))


def _items(system: LocalSystem, table: str) -> Iterator[dict[str, Any]]:
    for page in (
        aws_client("dynamodb", system.aws_url).get_paginator("scan").paginate(TableName=table)
    ):
        yield from page["Items"]


def _tables(system: LocalSystem) -> Iterator[Written]:
    for table in aws_client("dynamodb", system.aws_url).list_tables()["TableNames"]:
        kind = "deployments" if table == TABLE else "serving state"
        for item in _items(system, table):
            text = json.dumps({**item, "endpoint_secret": None}, default=str)
            yield Written(kind, table, text)


def _configuration(system: LocalSystem) -> Iterator[Written]:
    """The functions' environments and the stack's template and outputs."""
    pages = aws_client("lambda", system.aws_url).get_paginator("list_functions").paginate()
    functions = [each for page in pages for each in page["Functions"]]
    assert len(functions) >= len(FUNCTIONS)
    for each in functions:
        yield Written("configuration", each["FunctionName"], json.dumps(each, default=str))
    for path in (*system.state.glob("cdk.out/*.json"), system.state / "outputs.json"):
        yield Written("configuration", path.name, path.read_text())


def _registry(system: LocalSystem) -> Iterator[Written]:
    """Our tags of the versions, and the webhooks."""
    client = MlflowClient(system.mlflow_url)
    for version in client.search_model_versions():
        ours = {key: value for key, value in version.tags.items() if key.startswith("hokus.")}
        yield Written("tag", f"{version.name} {version.version}", json.dumps(ours))
    for webhook in client.list_webhooks():
        yield Written("tag", webhook.name, f"{webhook.url} {webhook.description}")


def _files(system: LocalSystem) -> Iterator[Written]:
    """Logs of all processes, of the endpoints' containers among them, and what was published."""
    for path in system.state.rglob("*.log"):
        of_container = "huggingface" in path.relative_to(system.state).parts
        kind = "log of a container" if of_container else "log of a process"
        yield Written(kind, path.name, _text(path))
    for path in (system.state / "huggingface/hub").rglob("*"):
        if path.is_file() and len(text := _text(path)) < _MOST_CHARACTERS:
            yield Written("published", path.name, text)


def _text(path: Path) -> str:
    """Return the file's text; nothing if it has been deleted since it was listed."""
    with suppress(FileNotFoundError):
        return path.read_text(errors="replace")
    return ""
