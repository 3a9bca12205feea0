"""The CPythons of this machine are found by their minor version."""

import subprocess
import sys

import pytest

from standins.huggingface.interpreters import find_interpreter

MINORS = ["3.10", "3.11", "3.12", "3.13", "3.14"]


@pytest.mark.parametrize("minor", MINORS)
def test_a_found_interpreter_is_of_its_version(minor: str) -> None:
    """And brings no package of a virtual environment."""
    found = find_interpreter(minor)
    if found is None:
        pytest.skip(f"no CPython {minor} on this machine")

    report = "import sys; print('%d.%d' % sys.version_info[:2], sys.prefix == sys.base_prefix)"
    answer = subprocess.run([found, "-c", report], capture_output=True, text=True, check=True)

    assert f"{minor} True" == answer.stdout.strip()


def test_the_version_that_runs_this_is_found() -> None:
    """Wherever it is installed."""
    assert find_interpreter(f"{sys.version_info.major}.{sys.version_info.minor}")


def test_a_version_that_does_not_exist_is_not_found() -> None:
    """Nor another in its place."""
    assert find_interpreter("3.99") is None
