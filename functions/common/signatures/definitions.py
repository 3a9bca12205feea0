"""The parts of a schema that others refer to."""

import json
import re

from functions.common.signatures.scalars import JsonSchema, Reading, scalar


class Definitions:
    """What `$defs` will hold: each part once, however many columns it is used for."""

    def __init__(self, *, documented: bool) -> None:
        self.documented = documented
        self.kept: dict[str, JsonSchema] = {}
        self._names: dict[str, str] = {}

    def ref(self, name: str, schema: JsonSchema) -> JsonSchema:
        """A reference to *schema*, kept as *name*, or as whatever name the same one already has.

        Names become what OpenAPI takes for a component's; one that is taken gets a number.
        """
        text = json.dumps(schema)
        if text not in self._names:
            free = self._free(re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_"))
            self._names[text] = free
            self.kept[free] = schema
        return {"$ref": f"#/$defs/{self._names[text]}"}

    def scalar(self, kind: str, reading: Reading) -> JsonSchema:
        schema = scalar(kind, Reading.DOCUMENTED if self.documented else reading)
        name = kind if reading is Reading.ARRAY else f"{kind}_in_{reading}"
        return self.ref(name, schema) if schema else {}

    def _free(self, name: str) -> str:
        return f"{name}_{len(self.kept)}" if name in self.kept else name
