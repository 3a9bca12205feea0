"""The document of the whole API: openapi.yaml with the API's own address."""

from functools import cache
from pathlib import Path

import yaml
from msgspec.json import encode

from functions.describe.openapi import Json

SOURCE = Path(__file__).parent / "openapi.yaml"
# libyaml reads the document in a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def static_document() -> Json:
    """Return openapi.yaml; callers copy what they change.

    The operations hold the responses themselves: many tools resolve references to schemas only.
    """
    document: Json = yaml.load(SOURCE.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
    shared = document["components"]["responses"]
    for item in document["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                name = response.get("$ref", "").rpartition("/")[2]
                operation["responses"][status] = shared[name] if name else response
    return document


@cache
def api_document(api_url: str) -> bytes:
    """Return the document as JSON; *api_url* has no slash at its end."""
    return encode({**static_document(), "servers": [{"url": api_url}]})
