"""Builds the functions' bundles with uv on this machine: no Docker, one lock per bundle.

A bundle holds the packages of `requirements/<group>.txt`, `functions/__init__.py`,
`functions/common` and one function's folder. The same input gives the same files, so that their
hash is the same at every synth.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

ROOT = Path(__file__).parent.parent
AWS_SERVICES = ("dynamodb", "lambda", "s3", "secretsmanager", "stepfunctions", "sts")
"""What our functions and MLflow's artifact store may call; botocore describes 400 more, which are
two thirds of a bundle."""


class BundlingError(Exception):
    """A bundle cannot be built; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What goes into one zip.

    Attributes:
        group: The lock's name in requirements/.
        folder: The one in functions/.
        compiled: With byte code, for functions that somebody waits for: a function cannot write
            its own, and compiling is more than half of a cold start.
    """

    group: str
    folder: str
    compiled: bool = False


class Bundles:
    """The bundles as CDK assets, each built once however many functions use it."""

    def __init__(self, *, platform: str | None) -> None:
        self._platform = platform
        self._codes: dict[Bundle, lambda_.Code] = {}

    def code(self, bundle: Bundle) -> lambda_.Code:
        if bundle not in self._codes:
            self._codes[bundle] = lambda_.Code.from_asset(
                str(ROOT / "functions"),
                asset_hash_type=AssetHashType.OUTPUT,
                bundling=BundlingOptions(
                    image=DockerImage.from_registry("never-used"),
                    # CDK builds equal options only once, and `local` does not tell them apart.
                    command=[bundle.group, bundle.folder, self._platform or sys.platform],
                    local=_LocalBundling(bundle, self._platform),
                ),
            )
        return self._codes[bundle]


@jsii.implements(ILocalBundling)
class _LocalBundling:
    def __init__(self, bundle: Bundle, platform: str | None) -> None:
        self._bundle = bundle
        self._platform = platform

    def try_bundle(self, output_dir: str, *_options: Any, **_more: Any) -> bool:
        """Raises rather than returning False, upon which CDK would go looking for Docker."""
        build(self._bundle, Path(output_dir), platform=self._platform)
        return True


def build(bundle: Bundle, output: Path, *, platform: str | None) -> None:
    """Fill the folder *output* with the bundle's files.

    Raises: BundlingError (no uv, no lock, a service that botocore does not know),
    CalledProcessError (uv could not install; it has said why).
    """
    _install(ROOT / "requirements" / f"{bundle.group}.txt", output, platform=platform)
    for leftover in (output / ".lock", output / "bin"):
        _remove(leftover)
    if (data := output / "botocore" / "data").is_dir():
        _keep_services(data)
    _copy_sources(bundle.folder, output / "functions")
    if bundle.compiled:
        _compile(output)


def _install(lock: Path, output: Path, *, platform: str | None) -> None:
    uv = shutil.which("uv")
    if uv is None:
        raise BundlingError("uv is not on the PATH: run `make setup`, or `pip install uv`.")
    if not lock.is_file():
        raise BundlingError(f"There is no lock requirements/{lock.name}: run `make lock`.")
    command = [uv, "pip", "install", "--quiet", "--python", sys.executable, "--require-hashes"]
    command += ["--target", str(output), "--only-binary", ":all:", "--requirements", str(lock)]
    command += ["--no-installer-metadata", "--no-compile-bytecode", "--python-version", "3.13"]
    if platform:
        command += ["--python-platform", platform]
    subprocess.run(command, check=True)


def _keep_services(data: Path) -> None:
    if unknown := [name for name in AWS_SERVICES if not (data / name).is_dir()]:
        raise BundlingError(f"botocore knows no service named {', '.join(unknown)}.")
    for folder in data.iterdir():
        if folder.is_dir() and folder.name not in AWS_SERVICES:
            shutil.rmtree(folder)


def _copy_sources(folder: str, output: Path) -> None:
    sources = ROOT / "functions"
    output.mkdir()
    shutil.copy2(sources / "__init__.py", output)
    for name in ("common", folder):
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(sources / name, output / name, ignore=ignored)


def _compile(output: Path) -> None:
    """Put byte code beside every module; no path and no time of this machine gets into it."""
    command = [sys.executable, "-m", "compileall", "-q", "-j", "0", str(output)]
    command += ["--invalidation-mode", "unchecked-hash", "-s", str(output), "-p", "/var/task"]
    subprocess.run(command, check=True)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
