"""The examples of docs/api.md, run as they stand."""

import json
from pathlib import Path

import pytest

from infra.local.system import LocalSystem
from tests.examples import Block, runnable

pytestmark = pytest.mark.usefixtures("documented")


@pytest.mark.parametrize("block", runnable(), ids=lambda block: f"line-{block.line}")
def test_an_example_does_what_the_document_says(
    system: LocalSystem,
    block: Block,
    tmp_path: Path,
) -> None:
    """With nothing set but the two variables; what comes out is what is shown."""
    variables = {"HOKUS_API_URL": system.api_url, "HOKUS_API_KEY": system.api_key}

    done = block.run(tmp_path, variables)

    assert 0 == done.returncode, done.stdout + done.stderr
    assert block.comes_out(done.stdout), done.stdout


def test_curl_leaves_the_answer_in_its_file(
    system: LocalSystem,
    tmp_path: Path,
) -> None:
    """Where the document says nothing of what comes out."""
    (block,) = (each for each in runnable() if "--output answer.json" in each.text)
    variables = {"HOKUS_API_URL": system.api_url, "HOKUS_API_KEY": system.api_key}

    done = block.run(tmp_path, variables)

    assert 0 == done.returncode, done.stderr
    assert [0, 2] == json.loads((tmp_path / "answer.json").read_text())["predictions"]
