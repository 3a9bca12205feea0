"""OpenAPI 3.1 documents: one of the whole API, and one of every model.

Made by hand of plain dicts: Powertools can derive a document from typed handlers, but that costs
an import of its whole validation at every cold start, sees the routes of one function only, and
cannot type a body that differs from model to model.
"""

from typing import Any

type Json = dict[str, Any]
"""An object, as a part of a document."""
