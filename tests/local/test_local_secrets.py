"""The local system's own keys and tokens, and where the functions' logs are found."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import httpx
import pytest
from moto import mock_aws

from functions.common.api.gateway_event import WRITE_SCOPES
from infra.local import parts
from infra.local.api_keys import accept_keys, new_key
from infra.local.function_logs import LogCopier
from standins import KEYS_VARIABLE

READER = new_key()
SECRET = "hf_CANARY-0123456789"


def test_no_command_line_has_a_secret(tmp_path: Path) -> None:
    """Everybody on the machine can list commands; the environment is its owner's."""
    for part in (
        parts.mlflow(1, tmp_path, encryption_key=SECRET),
        parts.huggingface(1, tmp_path, token=SECRET, startup_s=1),
        parts.auth(1, tmp_path, api_key=SECRET),
    ):
        assert SECRET in part.environment.values()
        assert SECRET not in " ".join(part.command)


@pytest.fixture
def auth_service() -> Iterator[str]:
    """Serve the stand-in in a process of its own, with two keys; yield its URL."""
    with subprocess.Popen(
        [sys.executable, "-m", "standins.auth", "--port", "0"],
        env=os.environ | {KEYS_VARIABLE: f"{READER} {new_key()}", "PYTHONPATH": str(parts.ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        yield process.stdout.readline().rpartition(" ")[2].strip()
        process.terminate()


def test_the_operators_key_may_write_and_the_readers_may_not(auth_service: str) -> None:
    """`make up` prints both."""
    operator = new_key()
    accept_keys(auth_service, operator=operator, checks=new_key())

    def scopes(key: str) -> set[str]:
        answer = httpx.post(
            f"{auth_service}/api/v1/keys/validate",
            json={"service_id": "platform"},
            headers={"Authorization": f"Bearer {key}"},
        )
        return set(answer.raise_for_status().json()["scopes"])

    assert scopes(operator) & set(WRITE_SCOPES)
    assert not scopes(READER) & set(WRITE_SCOPES)


def test_the_functions_logs_are_copied_once(tmp_path: Path) -> None:
    """Those of the workflow's tasks, too; also a line that comes late, and none twice."""
    file = tmp_path / "functions.log"
    now_ms = int(time.time() * 1000)
    with mock_aws():
        logs = boto3.client("logs")
        for name in ("/aws/lambda/Validate", "/aws/lambda/Predict"):
            logs.create_log_group(logGroupName=name)
            logs.create_log_stream(logGroupName=name, logStreamName="s")
        copier = LogCopier(logs, file)
        for name, at_ms, message in (
            ("Validate", now_ms, json.dumps({"message": "task.broken", "exception": "a\\nb"})),
            ("Predict", now_ms + 5, "second\n"),
            ("Validate", now_ms + 2, "late"),
        ):
            logs.put_log_events(
                logGroupName=f"/aws/lambda/{name}",
                logStreamName="s",
                logEvents=[{"timestamp": at_ms, "message": message}],
            )
            copier.copy()
            copier.copy()

    lines = file.read_text().splitlines()
    assert 3 == len(lines)
    assert " Validate " in lines[0]
    assert "task.broken" in lines[0]
    assert lines[1].endswith(" Predict second")
    assert lines[2].endswith(" Validate late")
