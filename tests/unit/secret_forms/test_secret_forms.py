"""No form of a secret makes any function log, answer, raise or store it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.functions import FUNCTIONS
from tests.canaries import traces
from tests.unit.secret_forms import calls
from tests.unit.secret_forms.calls import BROKEN_AWS, Record
from tests.unit.secret_forms.forms import CANARIES, FORMS, REFUSED

pytest.importorskip("awslambdaric", reason="AWS makes its runtime for Linux alone")
ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.slow
READERS = {spec.name for spec in FUNCTIONS if spec.secrets}
ANSWERING = ("Predict", "Describe", "MlflowHook", "Operate")
"""Functions that answer whatever happens."""


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


FORBIDDEN = {text for canary in CANARIES.values() for text in traces(canary)}


def sent_by(run: Run, name: str) -> str:
    """Return all that the function *name* sent to services when secrets were plain."""
    return "".join(run.record.requests[name])


def test_every_secret_is_used_by_every_function_that_reads_it(run: Run) -> None:
    """The tests below rely on it; the webhook's secret goes to nobody but MLflow."""
    used = {
        (spec.name, secret)
        for spec in FUNCTIONS
        for secret in spec.secrets
        if any(text in sent_by(run, spec.name) for text in traces(CANARIES[secret]))
    }

    # `validate` asks MLflow first, whose answers here are none.
    read = {(spec.name, secret) for spec in FUNCTIONS for secret in spec.secrets}
    assert {("Validate", "huggingface_token")} == {
        each for each in read - used if each[1] != "webhook"
    }
    assert CANARIES["key"] in sent_by(run, "Authorizer")
    assert CANARIES["endpoint"] in sent_by(run, "Predict")
    assert all(f"{form} 401 {name}" in run.record.outcomes for form in FORMS for name in READERS)


def test_white_space_around_a_secret_is_no_part_of_it(run: Run) -> None:
    """A token that is stored with its line's end works, so the outcome is that of the plain one."""
    for form in FORMS.keys() & {"line end", "two line ends", "spaces"}:
        for name in ("Create", "Check", "CleanUp"):
            outcomes = run.record.outcomes
            assert outcomes[f"plain 401 {name}"][:80] == outcomes[f"{form} 401 {name}"][:80]


@pytest.mark.parametrize("form", sorted(REFUSED))
def test_a_secret_that_no_header_can_carry_is_refused_by_name(run: Run, form: str) -> None:
    """Before any library is given it."""
    for task, name in (("create", "Create"), ("validate", "Validate")):
        assert f"{task}: SecretUnavailableError" in run.record.outcomes[f"{form} 401 {name}"]
    assert "SecretUnavailableError: The secret huggingface_token " in run.printed
    assert "SecretUnavailableError: The secret mlflow_credentials " in run.printed


def test_a_secret_of_white_space_is_not_set(run: Run) -> None:
    """As one that nobody has filled."""
    assert "create: SecretNotSetError" in run.record.outcomes["white space 401 Create"]


def test_nothing_of_a_secret_is_logged_or_counted(run: Run) -> None:
    """Neither by us, nor by a library, nor by Lambda's runtime for what leaves a function."""
    assert "task.broken" in run.printed
    assert "function.failed" in run.printed
    assert "[ERROR] TaskError: create: " in run.printed
    assert [] == [text for text in FORBIDDEN if text in run.printed]


def test_nothing_of_a_secret_is_answered_or_raised(run: Run) -> None:
    """What a function raises, Lambda returns, and Step Functions keeps with its frames."""
    assert [] == shown_in(run.record.outcomes)


def test_nothing_of_a_secret_is_traced(run: Run) -> None:
    """X-Ray keeps the message, the type and the frames of what a function raises; a function that
    answers in any case has nothing traced."""
    raising = {call.rpartition(" ")[2] for call in run.record.traces}

    assert raising == {spec.name for spec in FUNCTIONS} - {*ANSWERING}
    assert all("exceptions" in json.loads(trace) for trace in run.record.traces.values())
    assert [] == shown_in(run.record.traces)


def test_errors_of_libraries_that_quote_are_met_by_every_function(run: Run) -> None:
    """With the functions' own errors in their place."""
    outcomes = {
        spec.name: run.record.outcomes[f"{BROKEN_AWS} {spec.name}"]
        for spec in FUNCTIONS
        if spec.name != "Authorizer"
    }

    assert {} == {
        name: outcome
        for name, outcome in outcomes.items()
        if "FunctionFailedError" not in outcome
        and "TaskError" not in outcome
        and json.loads(outcome).get("statusCode", 0) < 500
    }


def test_nothing_of_a_secret_is_stored(run: Run) -> None:
    """Neither in a reason nor in a timeline; the endpoint's own has its attribute."""
    assert "Hugging Face answered 401" in run.record.stored
    assert [] == [text for text in FORBIDDEN if text in run.record.stored]


def shown_in(texts: Mapping[str, str]) -> list[str]:
    """Return the calls whose text shows a secret."""
    return [call for call, text in texts.items() if any(each in text for each in FORBIDDEN)]
