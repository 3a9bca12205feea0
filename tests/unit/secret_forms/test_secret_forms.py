"""No form of a secret makes any function log, answer, raise or store it."""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.functions import FUNCTIONS
from tests.unit.secret_forms import calls
from tests.unit.secret_forms.calls import ENDPOINT_SECRET, FORMS, KEY, MARKER, Record

ROOT = Path(__file__).parents[3]
READERS = {spec.name for spec in FUNCTIONS if spec.secrets}
REFUSED = {
    "a header of its own",
    "NUL",
    "latin-1",
    "beyond latin-1",
    "byte order mark",
    "next line",
    "very long",
}


@dataclass
class Run:
    """What Lambda would log, and the rest."""

    printed: str
    record: Record


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Make the calls in a process of their own, whose whole output is captured."""
    file = tmp_path_factory.mktemp("secrets") / "record.json"
    process = subprocess.run(
        [sys.executable, "-m", calls.__name__, str(file)],
        cwd=ROOT,
        env={**unset_mlflow(os.environ), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert 0 == process.returncode, process.stdout[-3000:]
    return Run(process.stdout, Record(**json.loads(file.read_text())))


def unset_mlflow(environment: Mapping[str, str]) -> dict[str, str]:
    """Return *environment* without MLflow's variables, which its client sets for all of a process:
    in this one other tests have used other servers."""
    return {name: value for name, value in environment.items() if not name.startswith("MLFLOW_")}


def traces(secret: str) -> set[str]:
    """Return texts that show *secret* in what holds it: itself, its half, and its inside in base64,
    which differs with its place."""
    inside = {base64.b64encode(b"." * pad + secret.encode()).decode()[4:24] for pad in range(3)}
    return {secret, secret[:12], *inside}


FORBIDDEN = traces(MARKER) | traces(ENDPOINT_SECRET) | traces(KEY)


def test_the_plain_secret_is_used_by_every_function_that_reads_it(run: Run) -> None:
    """The tests below rely on it; the webhook's secret is sent to nobody."""
    used = {
        name
        for name, requests in run.record.requests.items()
        if any(MARKER in request for request in requests)
    }

    assert READERS - {"MlflowHook"} == used
    assert any(KEY in request for request in run.record.requests["Authorizer"])
    assert {name for name in READERS if f"NUL 401 {name}" in run.record.outcomes} == READERS


def test_white_space_around_a_secret_is_no_part_of_it(run: Run) -> None:
    """A token that is stored with its line's end works, so the outcome is that of the plain one."""
    for form in ("line end", "two line ends", "spaces"):
        for name in ("Create", "Check", "CleanUp"):
            outcomes = run.record.outcomes
            assert outcomes[f"plain 401 {name}"][:80] == outcomes[f"{form} 401 {name}"][:80]


@pytest.mark.parametrize("form", sorted(REFUSED))
def test_a_secret_that_no_header_can_carry_is_refused_by_name(run: Run, form: str) -> None:
    """Before any library is given it."""
    assert (
        "raised TaskError: create: SecretUnavailableError"
        == (run.record.outcomes[f"{form} 401 Create"])
    )
    assert "SecretUnavailableError: The secret token " in run.printed


def test_a_secret_of_white_space_is_not_set(run: Run) -> None:
    """As one that nobody has filled."""
    assert (
        "raised TaskError: create: SecretNotSetError"
        == (run.record.outcomes["white space 401 Create"])
    )


def test_nothing_of_a_secret_is_logged(run: Run) -> None:
    """Neither by us, nor by a library, nor by Lambda for what leaves a function."""
    assert "task.broken" in run.printed
    assert "function.failed" in run.printed
    assert [] == [trace for trace in FORBIDDEN if trace in run.printed]


def test_nothing_of_a_secret_is_answered_or_raised(run: Run) -> None:
    """What a function raises, Lambda returns, and Step Functions keeps."""
    assert len(run.record.outcomes) > len(FORMS) * len(READERS)
    assert [] == [
        call
        for call, outcome in run.record.outcomes.items()
        if any(trace in outcome for trace in FORBIDDEN)
    ]


def test_nothing_of_a_secret_is_stored(run: Run) -> None:
    """Neither in a reason nor in a timeline; the endpoint's own has its attribute."""
    assert "Hugging Face answered 401" in run.record.stored
    assert [] == [trace for trace in FORBIDDEN if trace in run.record.stored]
