"""schemathesis on the local system: the API is called as its document says that it can be, and
as it says that it cannot."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
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

# What one answer holds must not become what another request deletes.
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
    """How it went.

    Attributes:
        exit_status: 0 when nothing was found.
        answered: Every status that some request was answered with.
    """

    exit_status: int
    output: str
    answered: set[int]


def schemathesis_run(
    location: str,
    *,
    key: str,
    folder: Path,
    examples: int,
    operation: str | None = None,
    more: str = "",
) -> Run:
    """Try what the document at *location* describes; *more* is TOML for schemathesis, *folder* is
    for its files. Each operation, or only the one named, is tried on *examples* at random, and on
    every limit it has."""
    settings = folder / "schemathesis.toml"
    settings.write_text(_SETTINGS.format(examples=examples, more=more), encoding="utf-8")
    command = ["schemathesis", "--config-file", str(settings), "run", location]
    command += ["--header", f"Authorization: Bearer {key}", "--no-color", "--continue-on-failure"]
    command += ["--phases", "examples,coverage,fuzzing", "--checks", ",".join(CHECKS)]
    command += ["--seed", str(SEED), "--generation-database", "none", "--no-shrink"]
    command += ["--report", "har", "--report-har-path", str(har := folder / "requests.har")]
    command += ["--include-operation-id", operation] if operation else []
    hooks = {"SCHEMATHESIS_HOOKS": "tests.e2e.documented_codes", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ | hooks
    )
    entries = json.loads(har.read_text(encoding="utf-8"))["log"]["entries"] if har.exists() else []
    answered = {entry["response"]["status"] for entry in entries}
    return Run(done.returncode, done.stdout + done.stderr, answered)
