"""docs/api.md: its examples can be parsed and none is left out; its clients retry correctly.

The end-to-end tests run the examples on the local system.
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

type Answer = tuple[int, dict[str, Any] | str]
"""Status and body: JSON, or text as it is."""

PREDICTED: Answer = (200, {"predictions": [0, 2]})


def refusal(error: ServiceError) -> Answer:
    """Return an error as the API answers it."""
    return error.status, problem.problem(error, detail=error.detail, request_id="r")


SLEEPING = refusal(ModelWarmingUpError("It starts.", retry_after_s=0))
SLEEPING_LONG = refusal(ModelWarmingUpError("It starts.", retry_after_s=3600))
INVALID = refusal(InvalidInputError("It does not fit.", faults=()))
UNKNOWN = refusal(ModelNotFoundError("There is none."))
HTML = "<html><body><h1>Sorry</h1></body></html>"
WITHOUT_A_CODE: list[Answer] = [
    (413, {"message": "Request Too Long"}),
    (403, HTML),
    (404, "null"),
]
"""Answers of API Gateway that cannot be changed, and of what else may stand on the way."""


class Api:
    """A server that answers calls of `iris classifier` by a script, and has no other model."""

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
        """Serve *api* on a free port."""
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = api.answer(self.path, self.headers["Idempotency-Key"])
                body = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
                self.send_response(status)
                if isinstance(answer, dict) and "retry_after_s" in answer:
                    self.send_header("Retry-After", str(answer["retry_after_s"]))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self.url = f"http://127.0.0.1:{server.server_port}/api/v1"
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield
            server.shutdown()


def run(client: Block, folder: Path, *script: Answer) -> tuple[int, str, list[str]]:
    """Run *client*; return its exit status, its output, and the keys of its calls."""
    api = Api(*script)
    with api.listening():
        done = client.run(folder, {"HOKUS_API_URL": api.url, "HOKUS_API_KEY": "hk_test_1"})
    written = "".join(file.read_text() for file in folder.glob("*.json"))
    return done.returncode, done.stdout + done.stderr + written, api.keys


each_client = pytest.mark.parametrize("client", CLIENTS, ids=lambda block: block.language)


@pytest.mark.parametrize("block", runnable(), ids=lambda block: f"line {block.line}")
def test_every_example_parses(block: Block, tmp_path: Path) -> None:
    """By its own language's parser."""
    if block.language == "python":
        compile(block.text, str(API), "exec")
        return
    command = [*CHECKS[block.language], str(block.write(tmp_path))]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)


def test_every_code_block_is_an_example_or_its_output() -> None:
    """Except the block that names the variables."""
    fences = re.findall(r"^```", DOCUMENT, flags=re.MULTILINE)
    blocks = blocks_of(DOCUMENT)
    outputs = [block.output for block in blocks if block.output]

    assert len(fences) == 2 * (len(blocks) + len(outputs))
    assert [""] == [block.language for block in blocks if not block.runs]
    assert {output.language for output in outputs} == {"json", "text"}


def test_every_language_has_a_client() -> None:
    """Each retries, so each sends an idempotency key."""
    assert sorted(COMMANDS) == sorted(block.language for block in CLIENTS)


@each_client
def test_a_client_retries_retryable_errors(client: Block, tmp_path: Path) -> None:
    """With one key, so that no prediction is made twice."""
    status, output, keys = run(client, tmp_path, SLEEPING, SLEEPING)

    assert 0 == status, output
    assert (3, 1) == (len(keys), len(set(keys)))
    assert re.search(r"\[ ?0, 2 ?\]", output)
    assert "model_warming_up" not in output


@each_client
def test_a_client_does_not_retry_other_errors(client: Block, tmp_path: Path) -> None:
    """It shows what is wrong."""
    status, output, keys = run(client, tmp_path, INVALID)

    assert 0 != status
    assert 1 == len(keys)
    assert "invalid_input" in output


@each_client
def test_a_client_waits_for_retry_after_or_gives_up(client: Block, tmp_path: Path) -> None:
    """It does not wait for an hour."""
    status, output, keys = run(client, tmp_path, SLEEPING_LONG)

    assert 0 != status
    assert 1 == len(keys)
    assert "model_warming_up" in output


@each_client
@pytest.mark.parametrize("answer", WITHOUT_A_CODE, ids=str)
def test_a_client_survives_an_answer_without_a_code(
    client: Block, answer: Answer, tmp_path: Path
) -> None:
    """It fails once, with the status, and shows no error of its own making."""
    status, output, keys = run(client, tmp_path, answer)

    assert 0 != status
    assert 1 == len(keys)
    assert str(answer[0]) in output
    assert not re.search(r"KeyError|TypeError|SyntaxError|JSONDecodeError|AttributeError", output)


@each_client
def test_a_client_tries_again_when_a_proxy_has_no_answer(client: Block, tmp_path: Path) -> None:
    """Its 502, 503 and 504 are pages of HTML."""
    status, output, keys = run(client, tmp_path, (502, HTML))

    assert 0 == status, output
    assert (2, 1) == (len(keys), len(set(keys)))


@pytest.mark.parametrize(
    "name", [*INPUT_FORMATS, *PARAMETER_NAMES, *EXPOSED_HEADERS, "Prefer", "Preference-Applied"]
)
def test_the_page_names_all_fields_and_headers(name: str) -> None:
    """Every field of a body and every header of ours; `Allow` is with the errors."""
    errors_page = API.with_name("errors.md").read_text(encoding="utf-8")

    assert f"`{name}" in DOCUMENT + errors_page


def test_its_links_resolve() -> None:
    """To other documents in the same folder."""
    desired_deployments = re.findall(r"\]\(([\w.-]+)\)", DOCUMENT)

    assert desired_deployments
    assert all((API.parent / desired).is_file() for desired in desired_deployments)
