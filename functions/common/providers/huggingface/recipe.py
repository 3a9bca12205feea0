"""Files that an endpoint serves: the model, our handler, its requirements and a marker.

A repository holds MLflow's files under `model/`, our `handler.py` with what it imports under
`hokus/`, a `requirements.txt` for the endpoint's container, and `hokus.json` with the digest of all
of these.
"""

import hashlib
import json
import shutil
from pathlib import Path

import yaml

from functions.common.providers.huggingface.requirements import endpoint_requirements
from functions.common.providers.huggingface.runtimes import CONTAINER, TOOLKIT
from functions.common.providers.packaging import MODEL_FOLDER, UnusableRequirementError

MARKER = "hokus.json"
"""`{"package": <digest>}`, as the handler reads it."""
_RUNTIME = Path(__file__).parent / "runtime"
RUNTIME_FILES = {
    TOOLKIT: {"handler.py": "handler.py", "hokus/predicting.py": "predicting.py"},
    CONTAINER: {
        f"hokus/{name}": name
        for name in ("start.sh", "server.py", "application.py", "predicting.py")
    },
}
"""By runtime, our files by their path in a repository."""


def add_runtime(folder: Path) -> str:
    """Add handler, requirements and marker to *folder*; return the digest in the marker.

    The model's files are in its folder `model`.

    Raises: UnusableRequirementError.
    """
    requirements = folder / MODEL_FOLDER / "requirements.txt"
    if not requirements.is_file():
        raise UnusableRequirementError(
            "The model has no requirements.txt. Log it again with a current version of MLflow."
        )
    description = yaml.safe_load((folder / MODEL_FOLDER / "MLmodel").read_text(encoding="utf-8"))
    made = endpoint_requirements(requirements.read_text(encoding="utf-8"), description["flavors"])
    (folder / "requirements.txt").write_text(made, encoding="utf-8")
    for published, ours in RUNTIME_FILES[TOOLKIT].items():
        (folder / published).parent.mkdir(exist_ok=True)
        shutil.copyfile(_RUNTIME / ours, folder / published)
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
