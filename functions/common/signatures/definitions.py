"""The parts of a schema that others refer to."""

import json
import re
from collections.abc import Mapping

from functions.common.signatures.values import JsonSchema

DEFINITION = "#/$defs/"


class Definitions:
    """Collects the `$defs` of a schema, each part once, however often it is used."""

    def __init__(self, prefix: str) -> None:
        self.collected: dict[str, JsonSchema] = {}
        self._prefix = prefix
        self._names: dict[str, str] = {}

    def ref(self, name: str, schema: JsonSchema) -> JsonSchema:
        """Return a reference to *schema*, which gets a name that OpenAPI takes for a component's.

        An equal schema keeps the name it already has; a name that is taken gets a number. A schema
        that says nothing is returned as it is.
        """
        if not schema:
            return schema
        text = json.dumps(schema)
        if text not in self._names:
            self._names[text] = self._free(name)
            self.collected[self._names[text]] = schema
        return {"$ref": f"{DEFINITION}{self._names[text]}"}

    def _free(self, name: str) -> str:
        words = re.sub(r"[^A-Za-z0-9]+", " ", name).split()
        wanted = self._prefix + "".join(word.capitalize() for word in words)
        return f"{wanted}{len(self.collected)}" if wanted in self.collected else wanted


def resolved(schema: JsonSchema, definitions: Mapping[str, JsonSchema]) -> JsonSchema:
    """Return the schema that *schema* refers to; itself, if it does not."""
    while "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix(DEFINITION)]
    return schema
