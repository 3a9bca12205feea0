"""The input example of a model as a body for predict, whichever MLflow has written it."""

from collections.abc import Callable
from typing import Any

from functions.common.signatures.body import INPUT_FORMATS
from functions.provision.registry.base import FilesRefusedError
from functions.provision.registry.documents import json_document
from functions.provision.registry.model_description import ExampleInfo

MAX_EXAMPLE_FILE_BYTES = 1024**2
"""A larger file's example would not fit into the record."""

type Body = dict[str, Any]


def example_body(info: ExampleInfo | None, read: Callable[[str], str | None]) -> Body | None:
    """Return the example as callers would have to send it, where NaN is null.

    None when there is none or they could not: MLflow also saves sparse matrices and, in the form
    of their own API, chat messages; a file may be too large or no JSON.

    Arguments:
        info: The example's entry in `MLmodel`.
        read: Returns the content of a file by its path; None when it is not there or too large.
    """
    if info is None:
        return None
    path = info.serving_input_path or info.artifact_path
    text = read(path) if path else None
    if text is None:
        return None
    try:
        example = json_document(text, "The input example")
    except FilesRefusedError:
        return None
    return _one_format(example if info.serving_input_path else _of_example(info, example))


def _of_example(info: ExampleInfo, example: Any) -> Any:
    """Return the body for an example from before MLflow 2.13, which wrote no serving example.

    Source: `_Example` in mlflow/models/utils.py of MLflow 1.30, 2.3, 2.9 and 2.12. Tables are
    without `columns` where those are 0, 1, 2 …; params stand beside the data since 2.7.
    """
    params = {}
    if info.params and isinstance(example, dict):
        params = {"params": example.get("params")}
        example = example.get("inputs")
    match info.type:
        case "dataframe":
            return {"dataframe_split": example, **params}
        case "ndarray" if isinstance(example, dict):
            return {**example, **params}
    return None


def _one_format(body: Any) -> Body | None:
    is_body = isinstance(body, dict) and len(body.keys() & set(INPUT_FORMATS)) == 1
    return body if is_body else None
