"""The processes of the functions, as the bench of registrations finds them."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bench.function_processes import FunctionProcesses

WORK = "import time\nwhile time.process_time() < 0.1: pass\nprint(flush=True); input()"
NAME = "Serving-local-FunctionsMlflowHookFunctionDED1D6D981B83"


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    """A child of this process with the variable that Lambda gives to each function."""
    started = subprocess.Popen(
        [sys.executable, "-c", WORK],
        env=os.environ | {"AWS_LAMBDA_FUNCTION_NAME": NAME},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with started:
        assert started.stdout
        started.stdout.readline()
        yield started
        started.kill()


@pytest.mark.usefixtures("process")
def test_a_process_is_known_by_the_variable_of_lambda() -> None:
    """Its CPU and memory stand under the name of its construct, its CPU also after its end."""
    processes = FunctionProcesses(os.getpid())

    assert processes.cpu_s()["MlflowHook"] > 0
    assert processes.peak_mib()["MlflowHook"] > 0

    processes.stop()

    assert processes.cpu_s()["MlflowHook"] > 0
    assert "MlflowHook" not in processes.peak_mib()


def test_no_functions_are_not_taken_for_cold_ones() -> None:
    """A bench that recognizes no process stops instead of measuring warm functions."""
    with pytest.raises(LookupError, match="runs no function"):
        FunctionProcesses(os.getpid()).stop()
