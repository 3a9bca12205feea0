"""A lock installs the same files at every start, whatever the package index has by then.

Given a lock that was made of an index as it was in the past, when the start script installs it
twice, each time from an empty cache, then both environments hold the same bytes and the versions of
that day.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from functions.common.packages.locking import Locking
from functions.common.packages.model_packages import Lock, ModelPackages
from functions.common.packages.uv import Uv
from functions.common.providers.huggingface import recipe
from standins.huggingface.interpreters import find_interpreter
from standins.huggingface.machine import uv_executable, uv_settings
from tests.compatibility.past_index import PastIndex
from tests.compatibility.serving_process import digest

PYTHON = "3.12"
PACKAGES = ModelPackages(requirements="scikit-learn\npandas\n")
DAY = "2026-03-01"
START_SCRIPT = Path(recipe.__file__).parent / "runtime/start.sh"
SERVER = """
import importlib.metadata, json, sysconfig
versions = {each.name.lower(): each.version for each in importlib.metadata.distributions()}
print(json.dumps({"versions": versions, "folder": sysconfig.get_path("purelib")}))
"""


@pytest.fixture(scope="module")
def lock() -> Lock:
    """Lock packages with the index as it was on DAY."""
    with PastIndex(DAY) as index:
        return Locking(uv=Uv(index_url=index.url)).lock(PACKAGES, python=PYTHON)


def installed(lock: Lock, folder: Path) -> tuple[dict[str, str], str]:
    """Install *lock* as at a start, with an empty cache; return versions, and a digest of files."""
    interpreter = find_interpreter(PYTHON)
    if interpreter is None:
        pytest.skip(f"This machine has no CPython {PYTHON}.")
    for name in ("hokus", "bin", "tmp"):
        (folder / name).mkdir(parents=True)
    (folder / "hokus/start.sh").write_bytes(START_SCRIPT.read_bytes())
    (folder / "hokus/server.py").write_text(SERVER)
    (folder / "hokus/requirements.lock").write_text(lock.text)
    (folder / "bin/python3").symlink_to(interpreter)
    (folder / "bin/uv").symlink_to(uv_executable())
    environment = {
        **uv_settings(),
        "PATH": f"{folder / 'bin'}:{os.defpath}",
        "TMPDIR": str(folder / "tmp"),
        "UV_CACHE_DIR": str(folder / "cache"),
    }
    command = ["sh", str(folder / "hokus/start.sh")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert 0 == done.returncode, done.stderr
    found = json.loads(done.stdout)
    return found["versions"], digest(Path(found["folder"]))


def test_two_starts_install_the_same_bytes(lock: Lock, tmp_path: Path) -> None:
    """And the versions of the lock."""
    versions, first = installed(lock, tmp_path / "first")
    _, second = installed(lock, tmp_path / "second")

    assert first == second
    assert {each.name: each.version for each in lock.packages} == versions


def test_a_newer_index_changes_nothing(lock: Lock) -> None:
    """The index has newer versions of some packages, which a lock of today would have."""
    today = Locking().lock(PACKAGES, python=PYTHON)

    then = {each.name: each.version for each in lock.packages}
    now = {each.name: each.version for each in today.packages}
    assert then["scikit-learn"] != now["scikit-learn"]
