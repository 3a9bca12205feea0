"""`python -m bench.bundles`: size of every bundle and import time of every handler.

Bundles are built for this machine; the smallest of five imports counts, each in a fresh
interpreter that sees the bundle alone and, as in a function, cannot write byte code.
"""

import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from infra.bundling import Bundle, build
from infra.functions import FUNCTIONS

IMPORTS = 5
LAZY = {
    "functions.mlflow_hook.handler": "functions.mlflow_hook.deliveries",
    "functions.provision.handler (validate)": "functions.provision.registry.mlflow_registry",
    "functions.provision.handler (package)": "functions.common.providers.huggingface.publishing",
}
"""Modules that the first call of a handler imports in addition."""


def main() -> None:
    """Print two tables."""
    with tempfile.TemporaryDirectory() as folder:
        bundles = {spec.bundle: Path(folder) / spec.bundle.group for spec in FUNCTIONS}
        print(f"{'bundle':<22}{'zip MB':>8}{'unzipped MB':>13}")
        for bundle, path in bundles.items():
            path.mkdir()
            build(bundle, path, platform=None)
            print(f"{bundle.group:<22}{_zipped_mb(path):>8.1f}{_mb(path):>13.1f}")
        print(f"\n{'handler':<62}{'import s':>9}")
        for name, module, bundle in _imports():
            print(f"{name:<62}{_import_s(module, bundles[bundle]):>9.2f}")


def _imports() -> list[tuple[str, str, Bundle]]:
    """Return label, module and bundle of each measurement, each pair of the latter once."""
    found = {}
    for spec in FUNCTIONS:
        module = spec.handler.rpartition(".")[0]
        entry = spec.handler.rpartition(".")[2]
        found[module, spec.bundle] = (module, module, spec.bundle)
        lazy = LAZY.get(module) or LAZY.get(f"{module} ({entry})")
        if lazy:
            found[lazy, spec.bundle] = (f"  its first call: {lazy}", lazy, spec.bundle)
    return list(found.values())


def _import_s(module: str, path: Path) -> float:
    code = f"import sys; sys.path.insert(0, {str(path)!r}); import {module}"
    taken = []
    for _ in range(IMPORTS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-I", "-S", "-B", "-c", code], check=True)
        taken.append(time.perf_counter() - started)
    return min(taken)


def _mb(path: Path) -> float:
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / 1e6


def _zipped_mb(path: Path) -> float:
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for each in path.rglob("*"):
                archive.write(each, each.relative_to(path))
        return file.tell() / 1e6


if __name__ == "__main__":
    main()
