"""Every AWS client gives up before Lambda ends the function that uses it.

Which function uses which client is read from the code, and the functions' time from their table.
"""

import ast
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config

from functions.common import aws_clients
from infra.function_spec import FunctionSpec
from infra.functions import FUNCTIONS

SOURCES = Path(aws_clients.__file__).parents[1]
MODULES = sorted(SOURCES.rglob("*.py"))
MAKERS = {"boto3", "botocore", "botocore.session", "functions.common.aws_session"}


def uses(module: Path) -> set[str]:
    """Return what *module* takes from `aws_clients`."""
    return {
        node.attr
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "aws_clients"
    }


def worst_case_s(config: Any) -> float:
    """Return the seconds until a call fails: every attempt, and the longest pauses between them.

    botocore's pauses grow from one second by doubling, times a random number below one.
    """
    attempts = config.retries["total_max_attempts"]
    pauses_s = sum(2**attempt for attempt in range(attempts - 1))
    return float(attempts * (config.connect_timeout + config.read_timeout) + pauses_s)


def config_of(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the configuration that `aws_clients.name` is, or makes its client with."""
    found = getattr(aws_clients, name)
    if not isinstance(found, Config):
        with monkeypatch.context() as patch:
            patch.setattr(aws_clients, "make_client", lambda _service, config: config)
            found = found()
    return found


def modules_of(spec: FunctionSpec) -> list[Path]:
    """Return the modules of the function's folder, and what reads secrets if it has some."""
    secrets = [SOURCES / "common/secrets.py"] if spec.secrets else []
    return [*(SOURCES / spec.bundle.folder).rglob("*.py"), *secrets]


USED = sorted(
    {(spec.name, name) for spec in FUNCTIONS for each in modules_of(spec) for name in uses(each)}
)


@pytest.mark.parametrize(("function", "client"), USED)
def test_a_call_fails_before_the_function_does(
    function: str, client: str, monkeypatch: pytest.MonkeyPatch
):
    """So that the failure is logged, answered, or repeated by Step Functions."""
    (spec,) = (spec for spec in FUNCTIONS if spec.name == function)

    assert worst_case_s(config_of(client, monkeypatch)) < spec.size.timeout_s


def test_botocores_defaults_would_be_found():
    """They outlast every function but those with the longest time that Lambda has."""
    config = Config(connect_timeout=60, read_timeout=60, retries={"total_max_attempts": 5})

    found = {spec.name for spec in FUNCTIONS if worst_case_s(config) >= spec.size.timeout_s}
    assert {spec.name for spec in FUNCTIONS if spec.size.timeout_s < 600} == found


def test_clients_are_made_in_one_module():
    """Nothing else asks botocore for one, or boto3."""
    imported = {
        module.relative_to(SOURCES).as_posix()
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text()))
        if (isinstance(node, ast.ImportFrom) and node.module in MAKERS)
        or (isinstance(node, ast.Import) and {each.name for each in node.names} & MAKERS)
    }

    assert {"common/aws_clients.py", "common/aws_session.py"} == imported
