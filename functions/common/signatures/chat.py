"""The own body of chat models, agents and other models of language: their columns as fields.

MLflow's server takes it beside the four formats, known by a field of `CHAT_FIELDS`, from every
model whose signature has that column. Fields that the signature has as params are params.
Source: `is_unified_llm_input` and `_split_data_and_params_for_llm_input` in mlflow/pyfunc (3.17).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.common.signatures.body import CHAT_FIELDS, INPUT_FORMATS
from functions.common.signatures.definitions import Definitions
from functions.common.signatures.specification import Column, Spec, read_columns
from functions.common.signatures.values import ARRAYS, JsonSchema, value_schema

TITLE = "ChatBody"


def takes_chat(inputs: Sequence[Spec] | None) -> bool:
    """Return whether a model whose signature has these *inputs* takes a body of its own.

    A column with a number for its name could not be a field.
    """
    columns = read_columns(inputs or ())
    has_field = any(each.name in CHAT_FIELDS for each in columns)
    return has_field and all(isinstance(each.name, str) for each in columns)


def is_conversation(inputs: Sequence[Spec] | None) -> bool:
    """Return whether these *inputs* of a signature are those of MLflow's classes for chats."""
    return any(
        each.name in CHAT_FIELDS and each.type.kind in ARRAYS for each in read_columns(inputs or ())
    )


def is_chat(body: Mapping[str, Any]) -> bool:
    """Return whether *body* is of the form that chat models have for themselves."""
    has_format = any(name in body for name in INPUT_FORMATS)
    return not has_format and any(name in body for name in CHAT_FIELDS)


def chat_schema(
    columns: Sequence[Column], params: Mapping[str, JsonSchema], definitions: Definitions
) -> JsonSchema:
    """Return the schema of the whole body; *params* are the schemas of the params by name."""
    fields = {
        str(each.name): definitions.ref(each.type.kind, value_schema(each.type)) for each in columns
    }
    required = [str(each.name) for each in columns if each.type.required]
    # Without a field that must be there, any other form would fit as well, and so be ambiguous.
    no_format = {"not": {"anyOf": [{"required": [name]} for name in INPUT_FORMATS]}}
    return {
        "title": TITLE,
        "description": "a chat model's own body",
        "type": "object",
        "properties": {**fields, **params},
        "required": required,
        **({} if required else no_format),
    }
