"""A tiny model: the sum of two columns, as code, so that any Python can load it."""

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.models import infer_signature

ROWS = {"dataframe_split": {"columns": ["a", "b"], "data": [[1.0, 2.0], [3.0, 4.5]]}}
SUMS = [3.0, 7.5]
_CODE = """\
import mlflow


class Sum(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return (model_input["a"] + model_input["b"]).tolist()


mlflow.models.set_model(Sum())
"""


def save_model(folder: Path) -> None:
    """Save the model to the new *folder*; beside it, `model_code.py` is left."""
    code = folder.with_name("model_code.py")
    code.write_text(_CODE, encoding="utf-8")
    split: dict[str, Any] = ROWS["dataframe_split"]
    rows = pd.DataFrame(split["data"], columns=split["columns"])
    mlflow.pyfunc.save_model(
        folder,
        python_model=str(code),
        signature=infer_signature(rows, SUMS),
        input_example=rows,
        pip_requirements=[f"mlflow=={mlflow.__version__}"],
    )
