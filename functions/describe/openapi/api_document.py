"""The document of the whole API: openapi.yaml with the API's own address."""

from functools import cache
from pathlib import Path

import yaml
from pydantic_core import to_json

from functions.describe.openapi import Json

SOURCE = Path(__file__).parent / "openapi.yaml"
# libyaml reads the document in a tenth of the time.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def static_document() -> Json:
    """Return openapi.yaml as it stands; callers copy what they change."""
    document: Json = yaml.load(SOURCE.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
    return document


@cache
def api_document(api_url: str) -> bytes:
    """Return the document as JSON; *api_url* has no slash at its end."""
    return to_json({**static_document(), "servers": [{"url": api_url}]})
