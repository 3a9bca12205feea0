"""A model with canaries in every file and in what people write beside it."""

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.models import infer_signature

from tests.e2e.support import canaries
from tests.e2e.support.registered_models import PYTHON_MODEL_REQUIREMENTS, log_model

REFUSED = "refuse "
"""A name that begins with this makes the model raise an error that quotes it."""


def _repeater() -> Any:
    """Return a model that answers with the names that it was given."""

    class Repeater(mlflow.pyfunc.PythonModel):
        """Quotes what it refuses, in a chain of errors, and prints it."""

        note = canaries.WEIGHTS

        # Without type hints, which mlflow would take for the model's signature.
        def predict(self, context, model_input, params=None):  # noqa: ARG002
            names = list(model_input["name"])
            if any(name.startswith(REFUSED) for name in names):
                raise ValueError(f"cannot repeat {names}") from KeyError(names[0])
            return names

    return Repeater()


def register_marked_model(name: str, code: Path) -> str:
    """Register the model as *name*, with the module *code*, which is written; return its version.

    Its requirement for another system is never installed.
    """
    code.write_text(f"# {canaries.CODE}\n")
    marked = f'colorama; sys_platform == "{canaries.REQUIREMENT}"'
    example = pd.DataFrame({"name": [canaries.EXAMPLE]})
    uri = log_model(
        lambda: mlflow.pyfunc.log_model(
            name="model",
            python_model=_repeater(),
            signature=infer_signature(example, [canaries.EXAMPLE]),
            input_example=example,
            metadata=canaries.METADATA,
            pip_requirements=[*PYTHON_MODEL_REQUIREMENTS, marked],
            code_paths=[str(code)],
        )
    )
    registry = MlflowClient()
    registry.create_registered_model(
        name, tags={"note": canaries.TAG}, description=canaries.DESCRIPTION
    )
    version = str(mlflow.register_model(uri, name, tags={"note": canaries.TAG}).version)
    registry.update_model_version(name, version, description=canaries.DESCRIPTION)
    return version
