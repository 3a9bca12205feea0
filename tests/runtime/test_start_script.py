"""The script that installs the locked packages and starts the server; here a tiny one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from functions.common.packages.locking import Locking
from functions.common.packages.model_packages import ModelPackages
from functions.common.providers.huggingface import recipe

SCRIPT = Path(recipe.__file__).parent / "runtime" / "start.sh"
SERVER = """
import importlib.metadata, json, os, sys
sys.stdout.write(json.dumps({
    "packages": sorted(each.name for each in importlib.metadata.distributions()),
    "environment": dict(os.environ),
    "prefix": sys.prefix,
    "version": sys.version_info[:2],
    "pid": os.getpid(),
    "home_is_writable": os.access(os.environ["HOME"], os.W_OK),
}))
"""
SOURCE = """
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "our-source"
version = "1"
dependencies = ["idna"]
"""
PASSED_ON = ("SSL_CERT_FILE", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CACHE_DIR")
UV = Path(sys.executable).with_name("uv")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository whose lock holds one small package."""
    hokus = tmp_path / "a repository" / "hokus"
    hokus.mkdir(parents=True)
    (hokus / "server.py").write_text(SERVER)
    (hokus / "start.sh").write_bytes(SCRIPT.read_bytes())
    command = [str(UV), "pip", "compile", "--quiet", "--generate-hashes", "-", "-o"]
    subprocess.run(
        [*command, str(hokus / "requirements.lock")], input="waitress==3.0.2", text=True, check=True
    )
    return hokus.parent


def start(repository: Path, **variables: str) -> subprocess.Popen[str]:
    """Start the script as a container does, with no home."""
    scratch = repository.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    interpreter = Path(sys.executable).parent
    return subprocess.Popen(
        ["sh", repository / "hokus" / "start.sh"],
        cwd="/",
        env={**kept, "PATH": f"{interpreter}:{os.defpath}", "TMPDIR": str(scratch), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def files(folder: Path) -> dict[str, int]:
    """Return the times of change of everything in *folder*."""
    return {str(path): path.stat().st_mtime_ns for path in [folder, *folder.rglob("*")]}


def test_the_server_runs_on_the_locked_packages(repository: Path) -> None:
    """In the script's own process, in an environment outside of the repository."""
    before = files(repository)

    process = start(repository)
    output, log = process.communicate(timeout=120)

    assert 0 == process.returncode, log
    found = json.loads(output)
    assert ["waitress"] == found["packages"]
    assert process.pid == found["pid"]
    assert list(sys.version_info[:2]) == found["version"]
    assert found["prefix"].startswith(str(repository.parent / "scratch"))
    assert found["home_is_writable"]
    assert before == files(repository)


def test_a_cache_of_the_environment_is_used(repository: Path, tmp_path: Path) -> None:
    """Every variable of uv's is honoured."""
    process = start(repository, UV_CACHE_DIR=str(tmp_path / "cache"))
    process.communicate(timeout=120)

    assert 0 == process.returncode
    assert (tmp_path / "cache").is_dir()
    assert not [*(tmp_path / "scratch").glob("hokus.*/cache")]


def test_another_file_than_the_locked_one_is_refused(repository: Path) -> None:
    """The end of the log names the package."""
    lock = repository / "hokus" / "requirements.lock"
    lock.write_text("waitress==3.0.2 --hash=sha256:" + 64 * "0")

    process = start(repository)
    output, log = process.communicate(timeout=120)

    assert 0 != process.returncode
    assert "" == output
    assert "waitress" in log[-500:]
    assert "ash" in log[-500:]


def source_line(source: Path) -> str:
    """Return the line for a git repository at a commit, made in the new folder *source*."""
    source.mkdir()
    (source / "pyproject.toml").write_text(SOURCE)
    (source / "our_source.py").write_text("")
    git = ["git", "-C", str(source), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *command], check=True)
    commit = subprocess.run(
        [*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()
    return f"our-source @ git+file://{source}@{commit}\n"


def test_sources_are_installed_without_what_they_require(repository: Path, tmp_path: Path) -> None:
    """Only the lock says which versions there are."""
    (repository / "hokus" / "sources.txt").write_text(source_line(tmp_path / "source"))

    process = start(repository)
    output, log = process.communicate(timeout=120)

    assert 0 == process.returncode, log
    assert ["our-source", "waitress"] == json.loads(output)["packages"]


def test_sources_are_built_with_the_tools_of_their_time(repository: Path, tmp_path: Path) -> None:
    """There was no setuptools in 2001. Locked packages are installed all the same."""
    (repository / "hokus" / "sources.txt").write_text(source_line(tmp_path / "source"))
    (repository / "hokus" / "built-as-of").write_text("2001-01-01T00:00:00+00:00")
    lock = repository / "hokus" / "requirements.lock"
    model = ModelPackages(requirements="idna==3.10")
    lock.write_text(Locking().lock(model, python="3.13").text)

    process = start(repository)
    output, log = process.communicate(timeout=120)

    assert 0 != process.returncode
    assert "" == output
    assert "setuptools" in log
    assert "idna" not in log
