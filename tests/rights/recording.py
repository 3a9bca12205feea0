"""AWS calls that functions made: recorded in their own processes, or in this one."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import botocore

from functions.common import aws_session
from infra.functions import FUNCTIONS
from tests.rights.template import Template

_IN_LAMBDA = Path(__file__).parent / "in_lambda"


@dataclass(frozen=True)
class Call:
    """One call as boto3 got it.

    Attributes:
        caller: The function's name in `infra.functions`.
        service: botocore's name of the service.
        operation: Its name in the API, such as `GetItem`.
    """

    caller: str
    service: str
    operation: str
    params: Mapping[str, Any]


@contextmanager
def recorded(caller: str) -> Iterator[list[Call]]:
    """Record the calls of AWS clients that this process makes in the block, as *caller*'s."""
    calls: list[Call] = []

    def record(params: Mapping[str, Any], model: Any, **_: Any) -> None:
        calls.append(Call(caller, model.service_model.service_name, model.name, dict(params)))

    def listen(session: Any) -> None:
        session.register("provide-client-params", record)

    botocore.register_initializer(listen)
    _begin_sessions()
    try:
        yield calls
    finally:
        botocore.unregister_initializer(listen)
        _begin_sessions()


def _begin_sessions() -> None:
    """Have later clients made by new sessions: the functions' own, and boto3's."""
    aws_session.session.cache_clear()
    boto3.setup_default_session()


def variables_of_recorder(folder: Path) -> dict[str, str]:
    """Return the environment variables by which a function records its calls into *folder*."""
    return {"RECORDED_CALLS": str(folder), "PYTHONPATH": str(_IN_LAMBDA)}


def recorded_in(folder: Path, deployed: Template) -> list[Call]:
    """Return the calls of all functions of the *deployed* stack, with logical ids for names."""
    functions = {id_: f["Handler"] for id_, f in deployed.all("AWS::Lambda::Function")}
    names = {spec.handler: spec.name for spec in FUNCTIONS}
    lines = (line for file in folder.glob("*.jsonl") for line in file.read_text().splitlines())
    calls = (Call(**json.loads(deployed.by_logical_id(line))) for line in lines)
    return [
        Call(names[functions[call.caller]], call.service, call.operation, call.params)
        for call in calls
    ]
