"""Predicts with the MLflow model of this repository; both runtimes on endpoints use it.

This file is copied into the model's repository as `hokus/predicting.py` and runs on CPython 3.10
to 3.14 under MLflow 1.30 to 3.17. It imports the standard library and mlflow (under MLflow 1 also
pandas), the latter only where it is needed: that takes seconds, and a server listens before.

A caller's body is `{"inputs" | "instances" | "dataframe_split" | "dataframe_records": …,
"params"?: {…}}`, or a chat model's or agent's own, `{"messages" | "prompt" | "input": …, …}`.
"""

# mlflow's helpers have no annotations.
# mypy: disable-error-code="no-untyped-call"
# ruff: noqa: PLC0415 - see above
from __future__ import annotations

import base64
import hmac
import json
import logging
import os
import traceback
import warnings
from typing import Any

MARKER = "hokus.json"
MAX_MESSAGE_CHARACTERS = 500
MAX_NONCE = 64
BODY_KEYS = ("inputs", "instances", "dataframe_split", "dataframe_records")
CHAT_KEYS = ("messages", "prompt", "input")
"""Of a chat model's own body, whose fields are its signature's columns and params."""
PARAMS_KEYS = ("params", "parameters", "options")
"""MLflow's name, Hugging Face's, and today's clients'; the first one that is there counts."""

logger = logging.getLogger("hokus")


class RefusedError(Exception):
    """Becomes the `error` of an answer.

    *kind* is its type: `forbidden` (not our secret), `rejected_input` (another input may do
    better), `model_error` (the model broke), and what the server adds.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message[:MAX_MESSAGE_CHARACTERS])
        self.kind = kind

    def as_dict(self) -> dict[str, str]:
        return {"type": self.kind, "message": str(self)}


class Identity:
    """Deployment, package and secret of this endpoint; *repository* is its folder of files.

    The secret is taken out of the environment, where the model's code could read it.
    """

    def __init__(self, repository: str) -> None:
        deployment_id = _from_environment("HOKUS_DEPLOYMENT_ID")
        self._secret = _from_environment("HOKUS_ENDPOINT_SECRET").encode()
        del os.environ["HOKUS_ENDPOINT_SECRET"]
        self._names = {"deployment_id": deployment_id, "package": _package_in(repository)}

    def admit(self, secret: Any) -> None:
        """Raise RefusedError without our secret: the proxy lets in every account's token."""
        given = secret if isinstance(secret, str) else ""
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret):
            raise RefusedError("forbidden", "This endpoint answers its own service only.")

    def envelope(self, nonce: Any) -> dict[str, str]:
        """Return the fields of every answer: who answers, and the nonce of the request."""
        echoed = {"nonce": nonce} if isinstance(nonce, str) and len(nonce) <= MAX_NONCE else {}
        return {**self._names, **echoed}


class LoadedModel:
    """The model in the folder *repository*. Its `predict` may be called by several threads."""

    def __init__(self, repository: str) -> None:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        try:
            # Imported after its switch is set: it reads it while it is imported.
            import mlflow.pyfunc

            self._model = mlflow.pyfunc.load_model(os.path.join(repository, "model"))  # noqa: PTH118
        except BaseException as error:  # also a model that calls sys.exit
            # The last line of the log is what people get to see.
            reason = " ".join(_words(error).split())
            raise RuntimeError("The model could not be loaded: " + reason) from error
        # As the MLmodel has it: the method that says so came with MLflow 2.20.
        described = self._model.metadata.to_dict()
        self._is_typed_by_hints = bool(described.get("is_signature_from_type_hint"))
        # It keeps what agents are sent and answer in files; there since MLflow 2.14.
        if disable := getattr(getattr(mlflow, "tracing", None), "disable", None):
            disable()
        # From here on, what they say is about callers' data and can quote it.
        logging.getLogger("mlflow").setLevel(logging.CRITICAL)
        warnings.simplefilter("ignore")

    def predict(self, body: Any) -> str:
        """Return JSON. Raises: RefusedError (`rejected_input`, `model_error`)."""
        from mlflow.exceptions import MlflowException

        rows, params = self._parsed(body)
        try:
            predictions = self._model.predict(rows, **params)
        except (MlflowException, ValueError, TypeError, KeyError) as error:
            raise RefusedError("rejected_input", _words(error)) from error
        except BaseException as error:
            log_failure("The model failed", error)
            raise RefusedError("model_error", _words(error)) from error
        try:
            return as_json(predictions)
        except Exception as error:
            log_failure("The model's predictions are not JSON", error)
            message = "Its predictions are not JSON: " + _words(error)
            raise RefusedError("model_error", message) from error

    def _parsed(self, body: Any) -> tuple[Any, dict[str, Any]]:
        """Return *body* as the model's arguments, by the rules of MLflow's own server."""
        keys = [key for key in BODY_KEYS if key in body] if isinstance(body, dict) else []
        takes_chat = not keys and self._takes_chat(body)
        if len(keys) != 1 and not takes_chat:
            message = "Send exactly one of: " + ", ".join(BODY_KEYS) + "."
            raise RefusedError("rejected_input", message)
        try:
            if takes_chat:
                return self._chat(body)
            return self._rows(keys[0], body[keys[0]]), self._params(body)
        except Exception as error:
            raise RefusedError("rejected_input", _words(error)) from error

    def _takes_chat(self, body: Any) -> bool:
        """Return whether *body* is one of the model's own: a chat model has them."""
        schema = self._model.metadata.get_input_schema()
        if not isinstance(body, dict) or schema is None or schema.is_tensor_spec():
            return False
        names = schema.input_names()
        return any(key in body and key in names for key in CHAT_KEYS)

    def _chat(self, body: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
        """Return the model's arguments: fields that its signature has as params are params."""
        declared = getattr(self._model.metadata.signature, "params", None)
        names = {each.name for each in declared.params} if declared is not None else set()
        params = {key: value for key, value in body.items() if key in names}
        columns = self._model.metadata.get_input_schema().inputs
        kinds = {each.name: getattr(each.type, "name", "") for each in columns}
        fields = {
            key: _number(value, kinds.get(key)) for key, value in body.items() if key not in names
        }
        return fields, {"params": params} if params else {}

    def _rows(self, key: str, value: Any) -> Any:
        # A model typed by its own function's hints parses its input itself, from `inputs`.
        if key == "inputs" and self._is_typed_by_hints:
            return value
        from mlflow.utils.proto_json_utils import parse_tf_serving_input

        schema = self._model.metadata.get_input_schema()
        if key.startswith("dataframe_"):
            return _table(value, key[len("dataframe_") :], schema)
        return parse_tf_serving_input({key: value}, schema=schema)

    def _params(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return keyword arguments for predict; none for a model that declares no params."""
        given = [body[key] for key in PARAMS_KEYS if body.get(key) is not None]
        # Signatures have had params since MLflow 2.6.
        declared = getattr(self._model.metadata.signature, "params", None)
        return {"params": given[0]} if given and declared is not None else {}


def _number(value: Any, kind: str | None) -> Any:
    """Return a JSON number as its column's *kind* has it: for mlflow, 2 is no double."""
    if kind in ("double", "float") and type(value) is int:
        return float(value)
    if kind in ("long", "integer") and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def as_json(predictions: Any) -> str:
    """Return JSON, tables as lists of records, as MLflow's own server answers.

    NaN and infinity, which JSON lacks, become null: one row says nothing against the others.
    """
    plain = _without_tables(predictions)
    try:
        return json.dumps(plain, default=_plain, allow_nan=False)
    except ValueError:
        text = json.dumps(plain, default=_plain)
        return json.dumps(json.loads(text, parse_constant=lambda _constant: None))


def log_failure(what: str, error: BaseException) -> None:
    """Log the types and frames of *error* and its causes: messages can quote a caller's data."""
    lines: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(lines) < 5:  # noqa: PLR2004 - enough of any chain
        frames = "".join(traceback.format_list(traceback.extract_tb(cause.__traceback__)))
        lines.append(type(cause).__name__ + "\n" + frames)
        cause = cause.__cause__ or cause.__context__
    logger.error("%s: %s", what, "from ".join(lines))


def _table(value: Any, orient: str, schema: Any) -> Any:
    try:
        from mlflow.utils.proto_json_utils import dataframe_from_parsed_json
    except ImportError:
        # MLflow 1 has no such function; its predict enforces the schema on any table.
        import pandas

        if orient == "split":
            return pandas.DataFrame(**value)
        return pandas.DataFrame.from_records(value)
    return dataframe_from_parsed_json(value, pandas_orient=orient, schema=schema)


def _without_tables(predictions: Any) -> Any:
    """Return tables and series of pandas as lists of records, arrays of numpy as lists."""
    if hasattr(predictions, "to_frame"):
        predictions = predictions.to_frame()
    if hasattr(predictions, "columns") and hasattr(predictions, "to_dict"):
        return predictions.to_dict(orient="records")
    return predictions.tolist() if hasattr(predictions, "tolist") else predictions


def _plain(value: Any) -> Any:
    """Return what `json` does not know in its terms. Raises: TypeError."""
    # pandas' NaT and NA, which mlflow's encoder does not know as missing.
    if type(value).__name__ in ("NaTType", "NAType"):
        return None
    if isinstance(value, (bytes, bytearray, memoryview)):
        # mlflow's encoder puts line ends into base64.
        return base64.b64encode(value).decode("ascii")
    if getattr(getattr(value, "dtype", None), "kind", "") in ("O", "S"):
        # An array of objects or of bytes: its elements come back to this function.
        return value.tolist()
    from mlflow.utils.proto_json_utils import NumpyEncoder

    return NumpyEncoder().default(value)


def _words(error: BaseException) -> str:
    """Return the error's message without the caller's data, which mlflow quotes before it."""
    text = str(error)
    if "Failed to enforce schema of data" in text:
        text = text.rpartition("Error: ")[2]
    known = type(error).__name__ == "MlflowException" or isinstance(error, (ValueError, TypeError))
    return text if known and text else type(error).__name__ + ": " + text


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
