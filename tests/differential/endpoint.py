"""MLflow's verdict on a body: the endpoint's own code, with a model that accepts anything."""

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlflow
from mlflow.models import ModelSignature
from mlflow.types import ParamSchema, Schema

from functions.common.providers.huggingface.runtime.predicting import LoadedModel, RefusedError
from functions.common.providers.packaging import MODEL_FOLDER
from tests.differential.signatures import Signature


class Endpoint:
    """The endpoint's model, with a signature that can be changed between calls."""

    def __init__(self, folder: Path) -> None:
        with without_warnings():
            mlflow.pyfunc.save_model(
                str(folder / MODEL_FOLDER), python_model=_accepting_model(), pip_requirements=[]
            )
            self._model = LoadedModel(str(folder))

    def refusal(self, signature: Signature, body: bytes) -> str | None:
        """Return MLflow's reason to refuse *body*; None if it accepts it."""
        self._model._model.metadata.signature = _in_mlflow(signature)
        try:
            with without_warnings():
                self._model.predict(json.loads(body))
        except RefusedError as refused:
            return f"{refused.kind}: {refused}"
        return None


@contextmanager
def without_warnings() -> Iterator[None]:
    """Suppress the warnings of MLflow, numpy and pandas.

    MLflow prints some of them whatever the filters are.
    """
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings(record=True, action="ignore"):
            yield
    finally:
        logging.disable(logging.NOTSET)


def _accepting_model() -> Any:
    """Return a model that accepts any input; created with warnings suppressed."""

    class Agreeable(mlflow.pyfunc.PythonModel):
        # Without type hints: mlflow would take them for the model's signature.
        def predict(self, context, model_input, params=None):  # noqa: ARG002
            return [0]

    return Agreeable()


def _in_mlflow(signature: Signature) -> ModelSignature:
    inputs, params = signature.inputs, signature.params
    return ModelSignature(
        inputs=Schema.from_json(json.dumps(inputs)) if inputs else None,
        params=ParamSchema.from_json(json.dumps(params)) if params is not None else None,  # type: ignore[arg-type]  # None is its default
    )
