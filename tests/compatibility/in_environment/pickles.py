"""Models that hold objects of the Python that saved them, or its source.

Imported by `log_models.py`. Every public function returns a `Sample`.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
from flavors import CLASSES, TABLE
from samples import Sample

NAMES = pd.DataFrame({"name": ["Ada", "Zoë"]})
FROM_CODE = '''
import mlflow
from mlflow.models import set_model


class Lengths(mlflow.pyfunc.PythonModel):
    """Returns the length of each name."""

    def predict(self, context, model_input, params=None):
        return [len(name) for name in model_input["name"]]


set_model(Lengths())
'''


def pipeline() -> Sample:
    """A scikit-learn pipeline with a function of one's own, pickled by cloudpickle."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - is not in each environment
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import FunctionTransformer  # noqa: PLC0415

    model = make_pipeline(
        FunctionTransformer(lambda rows: np.log1p(rows) * 2), LogisticRegression()
    )
    model.fit(TABLE, CLASSES)
    rows = TABLE[:4]
    log = partial(mlflow.sklearn.log_model, model, serialization_format="cloudpickle")
    return Sample(log, rows, model.predict(rows).tolist())


def python_object() -> Sample:
    """A PythonModel, pickled with its class."""
    saved_by = "{}.{}".format(*sys.version_info)

    class Greeter(mlflow.pyfunc.PythonModel):
        """Greets each name, and says which Python runs it."""

        def predict(self, context, model_input, params=None):  # noqa: ARG002
            running = "{}.{}".format(*sys.version_info)
            return [f"{name} of {saved_by} on {running}" for name in model_input["name"]]

    model = Greeter()
    log = partial(mlflow.pyfunc.log_model, python_model=model)
    return Sample(log, NAMES, model.predict(None, NAMES))


def from_code() -> Sample:
    """A PythonModel that is logged as its source."""
    code = Path(tempfile.mkdtemp()) / "lengths.py"
    code.write_text(FROM_CODE)
    return Sample(partial(mlflow.pyfunc.log_model, python_model=str(code)), NAMES, [3, 3])
