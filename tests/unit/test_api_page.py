"""docs/api.md: its examples parse, none is left out, and its clients know when to try again.

That they do what they say on the local system is for the end-to-end tests.
"""

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from functions.common import problem
from functions.common.api.cors import EXPOSED_HEADERS
from functions.common.errors import (
    InvalidInputError,
    ModelNotFoundError,
    ModelWarmingUpError,
    ServiceError,
)
from functions.common.signatures.body import INPUT_FORMATS, PARAMETER_NAMES
from tests.examples import API, COMMANDS, NODE, Block, blocks_of, runnable

DOCUMENT = API.read_text(encoding="utf-8")
CHECKS = {"bash": ["bash", "-n"], "javascript": [str(NODE), "--check"]}
CLIENTS = [block for block in runnable() if "Idempotency-Key" in block.text]

type Answer = tuple[int, dict[str, Any]]

PREDICTED: Answer = (200, {"predictions": [0, 2]})


def refusal(error: ServiceError) -> Answer:
    """As the API answers it."""
    return error.status, problem.problem(error, detail=error.detail, request_id="r")


SLEEPING = refusal(ModelWarmingUpError("It starts.", retry_after_s=0))
SLEEPING_LONG = refusal(ModelWarmingUpError("It starts.", retry_after_s=3600))
INVALID = refusal(InvalidInputError("It does not fit.", faults=()))
UNKNOWN = refusal(ModelNotFoundError("There is none."))


class Api:
    """Answers calls of `iris classifier` by the script, and knows no other model."""

    def __init__(self, *script: Answer) -> None:
        self.script = list(script)
        self.keys: list[str] = []
        self.url = ""

    def answer(self, path: str, idempotency_key: str) -> Answer:
        if "iris" not in path:
            return UNKNOWN
        self.keys.append(idempotency_key)
        return self.script.pop(0) if self.script else PREDICTED

    @contextmanager
    def listening(self) -> Iterator[None]:
        """On a free port of this machine."""
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = api.answer(self.path, self.headers["Idempotency-Key"])
                body = json.dumps(answer).encode()
                self.send_response(status)
                if "retry_after_s" in answer:
                    self.send_header("Retry-After", str(answer["retry_after_s"]))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Nothing is to be seen of it."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_port}/api/v1"
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield
            server.shutdown()


def run(client: Block, folder: Path, *script: Answer) -> tuple[int, str, list[str]]:
    """Exit status of *client*, what it writes, and the keys of its calls of `iris classifier`."""
    api = Api(*script)
    with api.listening():
        done = client.run(folder, {"HOKUS_API_URL": api.url, "HOKUS_API_KEY": "hk_test_1"})
    written = "".join(file.read_text() for file in folder.glob("*.json"))
    return done.returncode, done.stdout + done.stderr + written, api.keys


each_client = pytest.mark.parametrize("client", CLIENTS, ids=lambda block: block.language)


@pytest.mark.parametrize("block", runnable(), ids=lambda block: f"line {block.line}")
def test_every_example_parses(block: Block, tmp_path: Path) -> None:
    """By its language's own parser."""
    if block.language == "python":
        compile(block.text, str(API), "exec")
        return
    command = [*CHECKS[block.language], str(block.write(tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)


def test_no_block_is_forgotten() -> None:
    """All but the one that names the variables run, or are what comes out of one that does."""
    fences = re.findall(r"^```", DOCUMENT, flags=re.MULTILINE)
    blocks = blocks_of(DOCUMENT)
    outputs = [block.output for block in blocks if block.output]

    assert len(fences) == 2 * (len(blocks) + len(outputs))
    assert [""] == [block.language for block in blocks if not block.runs]
    assert {output.language for output in outputs} == {"json", "text"}


def test_there_is_a_client_in_every_language() -> None:
    """Each tries again, so each sends a key for it."""
    assert sorted(COMMANDS) == sorted(block.language for block in CLIENTS)


@each_client
def test_a_client_tries_again_what_is_worth_it(client: Block, tmp_path: Path) -> None:
    """Under one key, so that no prediction is made twice."""
    status, output, keys = run(client, tmp_path, SLEEPING, SLEEPING)

    assert 0 == status, output
    assert (3, 1) == (len(keys), len(set(keys)))
    assert re.search(r"\[ ?0, 2 ?\]", output)
    assert "model_warming_up" not in output


@each_client
def test_a_client_does_not_try_again_what_is_not(client: Block, tmp_path: Path) -> None:
    """It shows what was wrong."""
    status, output, keys = run(client, tmp_path, INVALID)

    assert 0 != status
    assert 1 == len(keys)
    assert "invalid_input" in output


@each_client
def test_a_client_waits_as_long_as_it_is_told_or_not_at_all(client: Block, tmp_path: Path) -> None:
    """An hour is longer than its patience."""
    status, output, keys = run(client, tmp_path, SLEEPING_LONG)

    assert 0 != status
    assert 1 == len(keys)
    assert "model_warming_up" in output


@pytest.mark.parametrize(
    "name", [*INPUT_FORMATS, *PARAMETER_NAMES, *EXPOSED_HEADERS, "Prefer", "Preference-Applied"]
)
def test_what_callers_send_and_get_is_told(name: str) -> None:
    """Every field of a body, every header of ours; `Allow` stands with the errors."""
    errors_page = API.with_name("errors.md").read_text(encoding="utf-8")

    assert f"`{name}" in DOCUMENT + errors_page


def test_its_links_lead_somewhere() -> None:
    """To other documents beside it."""
    desired_deployments = re.findall(r"\]\(([\w.-]+)\)", DOCUMENT)

    assert desired_deployments
    assert all((API.parent / desired).is_file() for desired in desired_deployments)
