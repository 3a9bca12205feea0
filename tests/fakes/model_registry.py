"""`ModelRegistry` of the versions it was given; files are made up."""

import json
from pathlib import Path
from typing import Any

from functions.provision.registry import RegisteredVersion, VersionNotReadyError

A_TENSOR = [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}]


def a_version(**changes: Any) -> RegisteredVersion:
    """Version 1 of `iris`, complete and with everything that we ask for."""
    return RegisteredVersion(
        **{
            "name": "iris",
            "version": "1",
            "flavors": {"python_function": {"loader_module": "mlflow.sklearn"}},
            "inputs": A_TENSOR,
            "outputs": A_TENSOR,
            "input_example": {"inputs": [[5.1, 3.5, 1.4, 0.2]]},
            "tags": {},
            **changes,
        }
    )


class FakeModelRegistry:
    """Knows *versions*; each has *requirements* and, beside them, an MLmodel file."""

    def __init__(
        self, *versions: RegisteredVersion, requirements: str | None = "mlflow==3.17.2\n"
    ) -> None:
        self._versions = {(each.name, each.version): each for each in versions}
        self._requirements = requirements

    def version(self, name: str, version: str) -> RegisteredVersion | None:
        found = self._versions.get((name, version))
        if found and found.status != "READY":
            raise VersionNotReadyError(found.status)
        return found

    def download(self, name: str, version: str, *, to: Path) -> None:
        found = self._versions[name, version]
        to.mkdir(parents=True, exist_ok=True)
        (to / "MLmodel").write_text(json.dumps({"flavors": found.flavors}))
        if self._requirements is not None:
            (to / "requirements.txt").write_text(self._requirements)
