"""The examples in docs/api.md work as they are written.

Given the two live models that the document uses, and no more than the two variables that it names,
when a reader pastes an example into a shell, Python or Node, then it succeeds and prints what the
document shows.
"""

import json
from pathlib import Path

import pytest

from infra.local.system import LocalSystem
from tests.examples import Block, runnable

pytestmark = pytest.mark.usefixtures("documented")


@pytest.mark.parametrize("block", runnable(), ids=lambda block: f"line-{block.line}")
def test_an_example_prints_what_the_document_shows(
    system: LocalSystem,
    block: Block,
    tmp_path: Path,
) -> None:
    """Each example runs by itself and exits with 0."""
    variables = {"HOKUS_API_URL": system.api_url, "HOKUS_API_KEY": system.api_key}

    done = block.run(tmp_path, variables)

    assert 0 == done.returncode, done.stdout + done.stderr
    assert block.comes_out(done.stdout), done.stdout


def test_curl_leaves_the_answer_in_its_file(
    system: LocalSystem,
    tmp_path: Path,
) -> None:
    """The example that writes to a file writes the right predictions."""
    (block,) = (each for each in runnable() if "--output answer.json" in each.text)
    variables = {"HOKUS_API_URL": system.api_url, "HOKUS_API_KEY": system.api_key}

    done = block.run(tmp_path, variables)

    assert 0 == done.returncode, done.stderr
    assert [0, 2] == json.loads((tmp_path / "answer.json").read_text())["predictions"]
