"""The input example of a model as a body for predict, whichever MLflow has written it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from functions.common.signatures.body import INPUT_FORMATS
from functions.common.signatures.chat import is_chat, takes_chat
from functions.provision.registry.base import FilesRefusedError
from functions.provision.registry.documents import json_document
from functions.provision.registry.model_description import ExampleInfo

MAX_EXAMPLE_FILE_BYTES = 1024**2
"""A larger file's example would not fit into the record."""

type Body = dict[str, Any]


def example_body(
    info: ExampleInfo | None,
    read: Callable[[str], str | None],
    inputs: Sequence[Mapping[str, Any]] | None,
) -> Body | None:
    """Return the example as callers would have to send it, where NaN is null.

    None when there is none or they could not: MLflow also saves sparse matrices; a file may be too
    large or no JSON.

    Arguments:
        info: The example's entry in `MLmodel`.
        inputs: The signature's; a chat model's example is in the form of its own API.
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
    body = example if info.serving_input_path else _of_example(info, example)
    return body if _is_body(body, inputs) else None


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
        case "json_object":
            return example
    return None


def _is_body(body: Any, inputs: Sequence[Mapping[str, Any]] | None) -> bool:
    if not isinstance(body, dict):
        return False
    is_of_chat = is_chat(body) and takes_chat(inputs)
    return is_of_chat or len(body.keys() & set(INPUT_FORMATS)) == 1
