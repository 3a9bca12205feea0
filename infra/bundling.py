"""Builds the functions' bundles on this machine: no Docker, one lock per bundle.

A bundle holds the packages of `requirements/<group>.txt`, `functions/__init__.py`,
`functions/common` and one function's folder, with byte code: a function cannot write its own, and
compiling would be most of a cold start. The same input gives the same files, so that their
hash is the same at every synth.
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsii
from aws_cdk import AssetHashType, BundlingOptions, DockerImage, ILocalBundling
from aws_cdk import aws_lambda as lambda_

from infra.packages import CACHE, ROOT, add_packages, compile_all


@dataclass(frozen=True, slots=True)
class Bundle:
    """The contents of one zip.

    Attributes:
        group: The lock's name in requirements/.
        folder: The one in functions/.
    """

    group: str
    folder: str


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
                    # CDK builds equal options only once, and `local` does not count.
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


def build(bundle: Bundle, output: Path, *, platform: str | None, cache: Path = CACHE) -> None:
    """Fill the folder *output* with the bundle's files.

    Raises: BundlingError, CalledProcessError (see `add_packages`).
    """
    lock = ROOT / "requirements" / f"{bundle.group}.txt"
    add_packages(lock, output, platform=platform, cache=cache)
    _copy_sources(bundle.folder, output / "functions")
    compile_all(output / "functions", base=output)


def _copy_sources(folder: str, output: Path) -> None:
    sources = ROOT / "functions"
    output.mkdir()
    shutil.copy2(sources / "__init__.py", output)
    for name in ("common", folder):
        ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
        shutil.copytree(sources / name, output / name, ignore=ignored)
