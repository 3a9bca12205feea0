"""Installs the packages of a lock with uv, once; later bundles are made of the cached files.

The cache's key is everything that decides the bytes: the lock, the platform, the interpreter, and
this module. `make clean` removes the cache.
"""

import json
import os
import platform as this_machine
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache/bundles"
AWS_SERVICES = ("dynamodb", "lambda", "logs", "s3", "secretsmanager", "stepfunctions", "sts")
"""All that our functions and MLflow's artifact store call; botocore describes 400 more, which are
two thirds of a bundle."""
FURTHER_SERVICES = {"provision_registry": ("events",)}
"""By lock: what only the functions with its bundle call."""
_PREFIXES = {"stepfunctions": "states"}
"""What the endpoints of a service begin with, where that is not its name."""

PROGRAMS = {"uv"}
"""Kept in `bin`; the others are scripts, which start an interpreter of this machine."""


class BundlingError(Exception):
    """A bundle cannot be built; the message says what is missing."""


def add_packages(lock: Path, output: Path, *, platform: str | None, cache: Path = CACHE) -> None:
    """Put the packages of *lock* into the folder *output*; *platform* None is this machine.

    Raises: BundlingError (no uv, no lock, a service that botocore does not know),
    CalledProcessError (uv could not install; its message is on stderr).
    """
    if not lock.is_file():
        raise BundlingError(f"There is no lock requirements/{lock.name}: run `make lock`.")
    entry = cache / cache_key(lock, platform=platform)
    if not entry.is_dir():
        _fill(entry, lock, platform=platform)
    shutil.copytree(entry, output, dirs_exist_ok=True, copy_function=_link)


def cache_key(lock: Path, *, platform: str | None) -> str:
    """Return the name of the cache's entry for *lock*."""
    machine = f"{sys.platform}-{this_machine.machine()}-{sys.version}"
    parts = (lock.read_bytes(), Path(__file__).read_bytes(), f"{lock.name} {platform} {machine}")
    hashes = (sha256(part if isinstance(part, bytes) else part.encode()) for part in parts)
    return sha256(b"".join(each.digest() for each in hashes)).hexdigest()


def _fill(entry: Path, lock: Path, *, platform: str | None) -> None:
    """Make *entry* as a whole; when two processes do so at once, the first one's stays."""
    entry.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=entry.parent))
    try:
        _install(lock, folder, platform=platform)
        compile_all(folder, base=folder)
        folder.chmod(0o755)
        folder.rename(entry)
    except OSError:
        if not entry.is_dir():
            raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _install(lock: Path, output: Path, *, platform: str | None) -> None:
    uv = shutil.which("uv")
    if uv is None:
        raise BundlingError("uv is not on the PATH: run `make setup`, or `pip install uv`.")
    command = [uv, "pip", "install", "--quiet", "--python", sys.executable, "--require-hashes"]
    command += ["--target", str(output), "--only-binary", ":all:", "--requirements", str(lock)]
    command += ["--no-installer-metadata", "--no-compile-bytecode", "--python-version", "3.13"]
    if platform:
        command += ["--python-platform", platform]
    subprocess.run(command, check=True)
    (output / ".lock").unlink(missing_ok=True)
    _keep_programs(output / "bin")
    # It holds hashes of the scripts in bin/, and those hold the interpreter's path.
    for record in output.glob("*.dist-info/RECORD"):
        record.unlink()
    if (data := output / "botocore" / "data").is_dir():
        _keep_services(data, (*AWS_SERVICES, *FURTHER_SERVICES.get(lock.stem, ())))


def _keep_programs(folder: Path) -> None:
    if not any((folder / name).is_file() for name in PROGRAMS):
        shutil.rmtree(folder, ignore_errors=True)
        return
    for program in folder.iterdir():
        if program.name not in PROGRAMS:
            program.unlink()


def _keep_services(data: Path, services: tuple[str, ...]) -> None:
    if unknown := [name for name in services if not (data / name).is_dir()]:
        raise BundlingError(f"botocore knows no service named {', '.join(unknown)}.")
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in services:
            shutil.rmtree(folder)
    # The first client of a process parses it: it describes the regions of all services.
    regions = data / "endpoints.json"
    document = json.loads(regions.read_text())
    prefixes = {_PREFIXES.get(name, name) for name in services}
    for partition in document["partitions"]:
        for service in partition["services"].keys() - prefixes:
            del partition["services"][service]
    # uv links to files of its own cache: they are replaced, never changed.
    regions.unlink()
    regions.write_text(json.dumps(document))


def compile_all(folder: Path, *, base: Path) -> None:
    """Put byte code beside every module in *folder*, named as if *base* were /var/task.

    No path and no time of this machine gets into it.
    """
    command = [sys.executable, "-m", "compileall", "-q", "-j", "0", str(folder)]
    command += ["--invalidation-mode", "unchecked-hash", "-s", str(base), "-p", "/var/task"]
    subprocess.run(command, check=True)


def _link(source: str, target: str) -> None:
    """Link a file rather than copy it where the file system can: nothing changes it in place."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
