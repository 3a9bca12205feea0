"""Cursors of the list of models: opaque to callers, each the last name of its page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error

from functions.common.api.gateway_event import is_possible_name
from functions.common.errors import InvalidRequestError

_FORM = "1"
"""Version of the encoding: cursors of another version are refused."""


def cursor_after(model_id: str) -> str:
    """Return the cursor of the page that follows *model_id*."""
    return urlsafe_b64encode(f"{_FORM}{model_id}".encode()).decode().rstrip("=")


def name_before(cursor: str) -> str:
    """Return the name that the page of *cursor* follows.

    Raises: InvalidRequestError (it is not a cursor of ours).
    """
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        form_and_name = urlsafe_b64decode(padded.encode("ascii")).decode()
    except (Base64Error, UnicodeError):
        form_and_name = ""
    name = form_and_name[len(_FORM) :]
    # Base64 has several spellings of the same bytes; only ours is accepted.
    if not is_possible_name(name) or cursor_after(name) != cursor:
        raise InvalidRequestError("cursor is not one that this list has returned.")
    return name
