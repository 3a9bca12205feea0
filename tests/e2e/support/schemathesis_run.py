"""Run schemathesis: it generates valid and invalid calls from an OpenAPI document."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
    "documented_code",
)
SEED = 20261122
_SETTINGS = """\
request-timeout = 35.0
workers = 4
generation.max-examples = {examples}
# Not as an option: everybody on the machine can list command lines.
headers.Authorization = "Bearer ${{API_KEY}}"

# An id from one answer must not end up in a request that deletes it.
[phases.examples.extra-data-sources]
responses = false
[phases.coverage.extra-data-sources]
responses = false
[phases.fuzzing.extra-data-sources]
responses = false

{more}
"""


@dataclass(frozen=True, slots=True)
class Run:
    """The result of a run.

    Attributes:
        exit_status: 0 if every answer was as documented.
        statuses: Every status that was answered.
    """

    exit_status: int
    output: str
    statuses: set[int]


def schemathesis_run(
    location: str,
    *,
    key: str,
    folder: Path,
    examples: int,
    operation: str | None = None,
    more: str = "",
) -> Run:
    """Call the API that the document at *location* describes; return the result.

    Each operation, or only the one named *operation*, is called with *examples* random cases and
    with every boundary value. *more* is added to schemathesis' TOML settings; its files are in
    *folder*.
    """
    settings = folder / "schemathesis.toml"
    settings.write_text(_SETTINGS.format(examples=examples, more=more), encoding="utf-8")
    command = ["schemathesis", "--config-file", str(settings), "run", location]
    command += ["--no-color", "--continue-on-failure", "--checks", ",".join(CHECKS)]
    command += ["--phases", "examples,coverage,fuzzing"]
    command += ["--seed", str(SEED), "--generation-database", "none", "--no-shrink"]
    command += ["--report", "har", "--report-har-path", str(har := folder / "requests.har")]
    command += ["--include-operation-id", operation] if operation else []
    hooks = {"SCHEMATHESIS_HOOKS": "tests.e2e.support.schemathesis_hooks", "PYTHONPATH": str(ROOT)}
    environment = os.environ | hooks | {"API_KEY": key}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=environment
    )
    entries = json.loads(har.read_text(encoding="utf-8"))["log"]["entries"] if har.exists() else []
    statuses = {entry["response"]["status"] for entry in entries}
    return Run(done.returncode, done.stdout + done.stderr, statuses)
