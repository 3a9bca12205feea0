"""A model from code, which no Python has pickled: it answers with what its container shows it."""

import os

import mlflow
from threadpoolctl import threadpool_info  # type: ignore[import-untyped]


class ContainerModel(mlflow.pyfunc.PythonModel):
    """Answers each row with the cores that Python sees and the threads of the numeric libraries."""

    # Without type hints, which mlflow would take for the model's signature.
    def predict(self, context, model_input, params=None):  # noqa: ARG002
        threads = max(pool["num_threads"] for pool in threadpool_info())
        return [[float(os.cpu_count() or 0), float(threads)]] * len(model_input)


mlflow.models.set_model(ContainerModel())
