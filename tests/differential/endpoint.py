"""MLflow's verdict on a body: the endpoint's own handler, with a model that accepts anything."""

import importlib.util
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow.models import ModelSignature
from mlflow.types import ParamSchema, Schema

from functions.common.providers.huggingface.recipe import add_runtime
from functions.common.providers.huggingface.runtimes import TOOLKIT
from functions.common.providers.packaging import MODEL_FOLDER
from tests.differential.signatures import Signature

SECRET = "the-deployment-secret"


class Endpoint:
    """The endpoint's handler, with a signature that can be changed between calls."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOKUS_ENDPOINT_SECRET", SECRET)
        monkeypatch.setenv("HOKUS_DEPLOYMENT_ID", "a-deployment")
        with without_warnings():
            mlflow.pyfunc.save_model(
                str(folder / MODEL_FOLDER), python_model=_accepting_model(), pip_requirements=[]
            )
            add_runtime(folder, runtime=TOOLKIT, files={})
            self._handler = _handler(folder)

    def refusal(self, signature: Signature, body: bytes) -> str | None:
        """Return MLflow's reason to refuse *body*; None if it accepts it."""
        self._handler._model.metadata.signature = _in_mlflow(signature)
        with without_warnings():
            answer = self._handler({"inputs": json.loads(body), "hokus": {"secret": SECRET}})
        return None if answer["ok"] else f"{answer['error']['type']}: {answer['error']['message']}"


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


def _handler(folder: Path) -> Any:
    spec = importlib.util.spec_from_file_location("differential_handler", folder / "handler.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Callable[..., Any] = module.EndpointHandler
    return handler(str(folder))


def _in_mlflow(signature: Signature) -> ModelSignature:
    inputs, params = signature.inputs, signature.params
    return ModelSignature(
        inputs=Schema.from_json(json.dumps(inputs)) if inputs else None,
        params=ParamSchema.from_json(json.dumps(params)) if params is not None else None,  # type: ignore[arg-type]  # None is its default
    )
