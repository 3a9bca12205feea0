"""The params of a signature."""

from collections.abc import Sequence

from functions.common.signatures.nested import nested
from functions.common.signatures.scalars import JsonSchema, Reading, Spec, scalar


def params(specs: Sequence[Spec] | None, *, documented: bool) -> JsonSchema:
    """What `params` may be; without a schema of theirs MLflow ignores them, whatever they are."""
    if specs is None:
        return {"description": "parameters, of which this model takes none"}
    return {
        "description": "parameters by their names",
        "type": ["object", "null"],
        "properties": {str(spec["name"]): _param(spec, documented=documented) for spec in specs},
    }


def _param(spec: Spec, *, documented: bool) -> JsonSchema:
    kind = str(spec.get("type") or spec.get("dtype"))
    if kind == "object":
        return nested(spec, required=True, documented=documented) | _default(spec)
    value = scalar(kind, Reading.DOCUMENTED if documented else Reading.PARAM)
    if spec.get("shape") is None:
        return value | _default(spec)
    listed = {"description": "a list", "type": "array", "items": value}
    return listed | _default(spec)


def _default(spec: Spec) -> JsonSchema:
    return {"default": spec["default"]} if spec.get("default") is not None else {}
