"""The stand-in's process: it ends with its models, and its log has no secret."""

import signal
from pathlib import Path

import pytest

from standins.huggingface.environments import TOOLKIT_PYTHON
from standins.huggingface.interpreters import find_interpreter
from tests.local.stand_in import TOKEN
from tests.local.stand_in_process import (
    ENDPOINTS,
    StandInProcess,
    end,
    start,
    wait_until_ended,
)

# huggingface_hub 2.4 itself uploads large files in a way that its HTTP library deprecates.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
    pytest.mark.skipif(not find_interpreter(TOOLKIT_PYTHON), reason=f"no CPython {TOOLKIT_PYTHON}"),
]


def test_no_process_outlives_the_stand_in(
    server: StandInProcess, repository: Path, tmp_path: Path
) -> None:
    """However it ends, and no file stays outside its folder."""
    folder = tmp_path / "other"
    for with_signal in (signal.SIGKILL, signal.SIGTERM):
        other = start(folder)
        other.hub().create_repo("alice/doubling")
        other.hub().upload_folder(
            repo_id="alice/doubling", folder_path=repository, ignore_patterns=["*.bin"]
        )
        other.create("m1")
        assert "running" == other.wait_until_settled("m1")["state"]
        pids = other.pids()

        end(other, with_signal)

        wait_until_ended(pids)
        assert ["stand-in.log", "state"] == sorted(path.name for path in folder.iterdir())
    assert server.process.poll() is None


def test_the_log_holds_no_secret(server: StandInProcess) -> None:
    """Neither the token nor an endpoint's secrets, and no traceback."""
    server.create("logged", secrets={"S": "very-secret"}, env={"BROKEN": "1"})
    server.wait_until_settled("logged")

    log = server.log.read_text()

    assert f"POST {ENDPOINTS} 200" in log
    assert not any(secret in log for secret in (TOKEN, "very-secret", "Traceback"))
