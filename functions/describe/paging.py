"""Pages of the lists: the query parameter `limit`, and cursors, which are opaque to callers.

A cursor is the encoded place of the last entry of its page: a model's name, or the position of a
deployment.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable

from functions.common.errors import InvalidRequestError

MAX_LIMIT = 100
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_FORM = "1"
"""Version of the encoding: cursors of another version are refused."""


def page_size(limit: str | None, *, default: int) -> int:
    """Return the number of entries that the query's *limit* asks for.

    Raises: InvalidRequestError (it is not a whole number from 1 to `MAX_LIMIT`).
    """
    if limit is None:
        return default
    if not _NUMBER.fullmatch(limit) or not 1 <= int(limit) <= MAX_LIMIT:
        raise InvalidRequestError(f"limit is a whole number from 1 to {MAX_LIMIT}.")
    return int(limit)


def cursor_after(place: str) -> str:
    """Return the cursor of the page that follows *place*."""
    return urlsafe_b64encode(f"{_FORM}{place}".encode()).decode().rstrip("=")


def place_before(cursor: str, *, is_place: Callable[[str], bool]) -> str:
    """Return the place that the page of *cursor* follows; *is_place* knows those of the list.

    Raises: InvalidRequestError (it is not a cursor of this list).
    """
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        form_and_place = urlsafe_b64decode(padded.encode("ascii")).decode()
    except (Base64Error, UnicodeError):
        form_and_place = ""
    place = form_and_place[len(_FORM) :]
    # Base64 has several spellings of the same bytes; only ours is accepted.
    if not is_place(place) or cursor_after(place) != cursor:
        raise InvalidRequestError("cursor is not one that this list has returned.")
    return place
