"""The input example of a model as a body for predict, whichever MLflow has written it."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from functions.common.signatures.body import INPUT_FORMATS

type Body = dict[str, Any]


def example_body(description: Mapping[str, Any], read: Callable[[str], str]) -> Body | None:
    """Return the example as callers would have to send it, where NaN is null.

    None when there is none or they could not: MLflow also saves sparse matrices and, in the form
    of their own API, chat messages.

    Arguments:
        description: Content of `MLmodel`.
        read: Returns the content of a file by its path.
    """
    info = description.get("saved_input_example_info") or {}
    if serving := info.get("serving_input_path"):
        return _one_format(_parsed(read(serving)))
    if path := info.get("artifact_path"):
        return _one_format(_of_example(info, _parsed(read(path))))
    return None


def _of_example(info: Mapping[str, Any], example: Any) -> Any:
    """Return the body for an example from before MLflow 2.13, which wrote no serving example.

    Source: `_Example` in mlflow/models/utils.py of MLflow 1.30, 2.3, 2.9 and 2.12. Tables are
    without `columns` where those are 0, 1, 2 …; params stand beside the data since 2.7.
    """
    params = {}
    if info.get("params") and isinstance(example, dict):
        params = {"params": example.get("params")}
        example = example.get("inputs")
    match info.get("type"):
        case "dataframe":
            return {"dataframe_split": example, **params}
        case "ndarray" if isinstance(example, dict):
            return {**example, **params}
    return None


def _parsed(text: str) -> Any:
    return json.loads(text, parse_constant=lambda _constant: None)


def _one_format(body: Any) -> Body | None:
    is_body = isinstance(body, dict) and len(body.keys() & set(INPUT_FORMATS)) == 1
    return body if is_body else None
