"""OpenAPI 3.1 documents: one of the whole API (openapi.yaml), and one of every model.

Powertools can derive a document from typed handlers, but sees the routes of one function only and
cannot type a body that differs from model to model.
"""

from typing import Any

type Json = dict[str, Any]
"""An object, as a part of a document."""


def schema_ref(name: str) -> Json:
    """Return a reference to the component schema *name*."""
    return {"$ref": f"#/components/schemas/{name}"}
