"""The JSON Schema engine."""

from typing import TYPE_CHECKING

from functions.common.signatures.values import JsonSchema

if TYPE_CHECKING:
    from jsonschema_rs import Validator


def compile_schema(schema: JsonSchema) -> "Validator":
    """Compile a schema (2020-12).

    Imports the engine when first called: an environment whose models have no signature never
    needs it.
    """
    from jsonschema_rs import Draft202012Validator, RegexOptions  # noqa: PLC0415

    # The regular expressions whose time grows with the string's length alone.
    return Draft202012Validator(schema, pattern_options=RegexOptions())
