"""Files that an endpoint serves: the model, our runtime, what it installs and a marker.

A repository holds MLflow's files under `model/`, the runtime's files, what is to be installed
(see `locks`), and `hokus.json` with the digest of all of these.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from functions.common.providers.huggingface.runtimes import CONTAINER, TOOLKIT

MARKER = "hokus.json"
"""`{"package": <digest>}`, as the runtime reads it."""
_RUNTIME = Path(__file__).parent / "runtime"
RUNTIME_FILES = {
    TOOLKIT: {"handler.py": "handler.py", "hokus/predicting.py": "predicting.py"},
    CONTAINER: {
        f"hokus/{name}": name
        for name in ("start.sh", "server.py", "application.py", "predicting.py")
    },
}
"""By runtime, our files by their path in a repository."""


def add_runtime(folder: Path, *, runtime: str, files: Mapping[str, str]) -> str:
    """Add our files, those of *files* and the marker to *folder*; return the digest in the marker.

    Arguments:
        folder: Holds the model's files in its folder `model`.
        files: Texts by their path: what is to be installed.
    """
    for published, ours in RUNTIME_FILES[runtime].items():
        (folder / published).parent.mkdir(exist_ok=True)
        shutil.copyfile(_RUNTIME / ours, folder / published)
    for published, text in files.items():
        (folder / published).write_text(text, encoding="utf-8")
    digest = package_digest(folder)
    (folder / MARKER).write_text(json.dumps({"package": digest}), encoding="utf-8")
    return digest


def package_digest(folder: Path) -> str:
    """Return the SHA-256, in hexadecimal, of all paths and contents in *folder* but the marker."""
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*")}
    whole = hashlib.sha256()
    for name, path in sorted(paths.items()):
        if path.is_file() and name != MARKER:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
            whole.update(f"{content} {name}\n".encode())
    return whole.hexdigest()
