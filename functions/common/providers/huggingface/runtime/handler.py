"""The handler in an endpoint's container: predicts with the MLflow model beside this file.

This file is copied into the model's repository as it is. It imports the standard library,
mlflow and, under MLflow 1, pandas, and keeps to the syntax of Python 3.9.

A request is `{"inputs": <the caller's body>, "hokus": {"secret": …, "nonce": …}}`, the caller's
body being `{"inputs" | "instances" | "dataframe_split" | "dataframe_records": …, "params"?: {…}}`.
Every answer has status 200, because the container answers 400 to whatever is raised:

    {"ok": true, "deployment_id": …, "package": …, "nonce": …, "predictions": …}
    {"ok": false, "deployment_id": …, "package": …, "nonce": …, "error": {"type": …, "message": …}}

`package` is the digest of the published files, which `hokus.json` beside this file holds; `nonce`
is the request's own, so that nobody gets the answer to another request; a type
is `forbidden` (not our secret), `rejected_input` (another input may do better) or `model_error`
(the model broke).
"""

# mlflow's helpers have no annotations.
# mypy: disable-error-code="no-untyped-call"
from __future__ import annotations

import hmac
import json
import logging
import os
from typing import Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

# Imported after its switch is set: it reads it while it is imported.
import mlflow.pyfunc
from mlflow.exceptions import MlflowException
from mlflow.utils.proto_json_utils import (
    NumpyEncoder,
    _get_jsonable_obj,
    parse_tf_serving_input,
)

try:
    from mlflow.utils.proto_json_utils import dataframe_from_parsed_json as _table
except ImportError:
    # MLflow 1 has no such function; its predict enforces the schema on any table.
    import pandas

    def _table(decoded_input, pandas_orient, schema=None):  # type: ignore[no-untyped-def] # noqa: ARG001
        """Return the table in *decoded_input*."""
        if pandas_orient == "split":
            return pandas.DataFrame(**decoded_input)
        return pandas.DataFrame.from_records(decoded_input)


MARKER = "hokus.json"
MAX_MESSAGE_CHARACTERS = 500
MAX_NONCE = 64
BODY_KEYS = ("inputs", "instances", "dataframe_split", "dataframe_records")
PARAMS_KEYS = ("params", "parameters", "options")
"""MLflow's name, Hugging Face's, and today's clients'; the first one that is there counts."""

logger = logging.getLogger(__name__)


class RefusedError(Exception):
    """Becomes the `error` of an answer."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class EndpointHandler:
    """Found by its name: the container makes one with the repository's folder, then calls it."""

    def __init__(self, path: Any = "") -> None:
        self._secret = _from_environment("HOKUS_ENDPOINT_SECRET").encode()
        self._deployment_id = _from_environment("HOKUS_DEPLOYMENT_ID")
        folder = str(path) or os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
        self._package = _package_in(folder)
        self._model = _loaded(os.path.join(folder, "model"))  # noqa: PTH118
        # As the MLmodel has it: the method that says so came with MLflow 2.20.
        described = self._model.metadata.to_dict()
        self._is_typed_by_hints = bool(described.get("is_signature_from_type_hint"))

    def __call__(self, data: Any) -> dict[str, Any]:
        try:
            self._admit(data)
            predictions = self._predict(data.get("inputs"))
        except RefusedError as refused:
            message = str(refused)[:MAX_MESSAGE_CHARACTERS]
            return self._answer(data, ok=False, error={"type": refused.kind, "message": message})
        return self._answer(data, ok=True, predictions=predictions)

    def _answer(self, data: Any, **parts: Any) -> dict[str, Any]:
        nonce = _hokus(data).get("nonce")
        echoed = {"nonce": nonce} if isinstance(nonce, str) and len(nonce) <= MAX_NONCE else {}
        identity = {"deployment_id": self._deployment_id, "package": self._package}
        return {**identity, **echoed, **parts}

    def _admit(self, data: Any) -> None:
        """The provider's gate lets in every Hugging Face account's token; this one does not."""
        secret = _hokus(data).get("secret")
        given = secret if isinstance(secret, str) else ""
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret):
            raise RefusedError("forbidden", "This endpoint answers its own service only.")

    def _predict(self, body: Any) -> Any:
        rows, params = self._parsed(body)
        try:
            predictions = self._model.predict(rows, **params)
        except (MlflowException, ValueError, TypeError, KeyError) as error:
            raise RefusedError("rejected_input", _words(error)) from error
        except Exception as error:
            logger.exception("The model failed.")
            raise RefusedError("model_error", _words(error)) from error
        return _plain(predictions)

    def _parsed(self, body: Any) -> tuple[Any, dict[str, Any]]:
        """The caller's body as the model's arguments, by the rules of MLflow's own server."""
        keys = [key for key in BODY_KEYS if key in body] if isinstance(body, dict) else []
        if len(keys) != 1:
            raise RefusedError(
                "rejected_input", "Send exactly one of: " + ", ".join(BODY_KEYS) + "."
            )
        try:
            rows = self._rows(keys[0], body[keys[0]])
        except Exception as error:
            raise RefusedError("rejected_input", _words(error)) from error
        return rows, self._params(body)

    def _rows(self, key: str, value: Any) -> Any:
        # A model typed by its own function's hints parses its input itself, from `inputs`.
        if key == "inputs" and self._is_typed_by_hints:
            return value
        schema = self._model.metadata.get_input_schema()
        if key.startswith("dataframe_"):
            orient = key[len("dataframe_") :]
            return _table(value, pandas_orient=orient, schema=schema)
        return parse_tf_serving_input({key: value}, schema=schema)

    def _params(self, body: dict[str, Any]) -> dict[str, Any]:
        """Keyword arguments for predict; nothing for a model that declares no params."""
        given = [body[key] for key in PARAMS_KEYS if body.get(key) is not None]
        # Signatures have had params since MLflow 2.6.
        declared = getattr(self._model.metadata.signature, "params", None)
        return {"params": given[0]} if given and declared is not None else {}


def _hokus(data: Any) -> dict[str, Any]:
    hokus = data.get("hokus") if isinstance(data, dict) else None
    return hokus if isinstance(hokus, dict) else {}


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(name + " is not set: this endpoint cannot identify its callers.")
    return value


def _package_in(folder: str) -> str:
    try:
        with open(os.path.join(folder, MARKER), encoding="utf-8") as marker:  # noqa: PTH118, PTH123
            return str(json.load(marker)["package"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise RuntimeError(
            MARKER + " is missing or broken: this endpoint does not know which files it serves."
        ) from error


def _loaded(folder: str) -> Any:
    try:
        return mlflow.pyfunc.load_model(folder)
    except Exception as error:
        # The last line of the log is what people get to see.
        raise RuntimeError("The model could not be loaded: " + _words(error)) from error


def _plain(predictions: Any) -> Any:
    """JSON types only, tables as lists of records, as MLflow's own server answers.

    JSON has no NaN and no infinity: they become null, like missing values. One row without a
    value says nothing against the other rows.
    """
    try:
        text = json.dumps(_get_jsonable_obj(predictions, pandas_orient="records"), cls=_Encoder)
        return json.loads(text, parse_constant=lambda _constant: None)
    except Exception as error:
        logger.exception("The model's predictions are not JSON.")
        raise RefusedError(
            "model_error", "Its predictions are not JSON: " + _words(error)
        ) from error


class _Encoder(NumpyEncoder):
    def default(self, o: Any) -> Any:
        return None if _is_missing(o) else super().default(o)


def _is_missing(value: Any) -> bool:
    """Return whether it is pandas' NaT or NA, which mlflow's encoder does not know as such."""
    return type(value).__name__ in ("NaTType", "NAType")


def _words(error: Exception) -> str:
    """Return the error's message without the caller's data, which mlflow quotes before it."""
    text = str(error)
    if "Failed to enforce schema of data" in text:
        text = text.rpartition("Error: ")[2]
    known = isinstance(error, (MlflowException, ValueError, TypeError))
    return text if known and text else type(error).__name__ + ": " + text
