"""A model of any MLflow is served on an endpoint as by that MLflow's own server.

Each version gets an environment of its own, with the Python that it was made for; `make
test-mlflow-versions` runs these tests.
"""

import json
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from functions.common.providers.huggingface import recipe

VERSIONS = (
    *("1.30.1", "2.3.2", "2.9.2", "2.12.2", "2.19.0", "2.22.0"),
    *("3.1.4", "3.4.0", "3.9.0", "3.17.0"),
)
PYTHON = "3.10"
SERVED = Path(__file__).with_name("served.py")
RUNTIME = Path(recipe.__file__).parent / "runtime" / "predicting.py"


@pytest.fixture(scope="module")
def python() -> str:
    """Return an interpreter of the Python that these versions run on."""
    # The tests' HOME is a temporary folder.
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    pyenv = [str(each) for each in home.glob(f".pyenv/versions/{PYTHON}.*/bin/python")]
    for interpreter in (*pyenv, shutil.which(f"python{PYTHON}")):
        if interpreter and not subprocess.run([interpreter, "-V"], check=False).returncode:
            return interpreter
    pytest.skip(f"This machine has no Python {PYTHON}.")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_runtime_answers_as_that_mlflows_server(
    python: str, version: str, tmp_path: Path
) -> None:
    """In every input format, with columns and with tensors, with an example and without."""
    uv, environment = Path(sys.executable).with_name("uv"), tmp_path / "environment"
    # MLflow 3.1's server and its test client are of the time before starlette 1.
    packages = [f"mlflow=={version}", "scikit-learn", "setuptools<80", "starlette<1", "httpx"]
    install = ("pip", "install", "--quiet", "--python", environment / "bin/python")
    _run(tmp_path, uv, "venv", "--quiet", "--python", python, environment)
    _run(tmp_path, uv, *install, *packages)
    folder = tmp_path / "models"
    folder.mkdir()

    output = _run(tmp_path, environment / "bin/python", SERVED, RUNTIME, folder)

    found = json.loads(output.splitlines()[-1])
    answers = [answer for formats in found.values() for answer in formats.values()]
    assert (6, 20) == (len(found), len(answers))
    assert [] == [(ours, theirs) for ours, theirs in answers if ours != theirs]
    # Without a signature some columns are no input; the rest is predicted.
    assert sum(ours == "refused" for ours, _ in answers) <= 4


def _run(folder: Path, *command: object) -> str:
    environment = {**os.environ, "PYTHONPATH": "", "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(
        [str(each) for each in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == done.returncode, done.stderr[-2000:]
    return done.stdout
