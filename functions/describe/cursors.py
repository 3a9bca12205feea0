"""Cursors of the models' listing: where the next page begins, and nobody's business but ours."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error

from functions.common.api.model_names import is_possible
from functions.common.errors import InvalidRequestError

_FORM = "1"
"""What a cursor is made of may change; those of before are then refused rather than misread."""


def cursor_after(model_id: str) -> str:
    """The cursor of the page that begins behind *model_id*."""
    return urlsafe_b64encode(f"{_FORM}{model_id}".encode()).decode().rstrip("=")


def name_before(cursor: str) -> str:
    """The name behind which the page of *cursor* begins.

    Raises: InvalidRequestError (no answer has ever held it).
    """
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        form_and_name = urlsafe_b64decode(padded.encode("ascii")).decode()
    except (Base64Error, UnicodeError):
        form_and_name = ""
    name = form_and_name[len(_FORM) :]
    # Its own cursor: base64 has several spellings of the same bytes.
    if not is_possible(name) or cursor_after(name) != cursor:
        raise InvalidRequestError("cursor is not one that this list has given.")
    return name
