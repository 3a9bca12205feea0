"""The answer to `GET /models`: one page of the list of models."""

import re
from typing import Any

from functions.common.deployments.listing import ListedModel, ModelListing
from functions.common.deployments.record import utc_text
from functions.common.errors import InvalidRequestError
from functions.describe.addresses import links
from functions.describe.cursors import cursor_after, name_before

DEFAULT_LIMIT = 50
MAX_LIMIT = 100
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


def model_list(
    listing: ModelListing, api_url: str, *, limit: str | None, cursor: str | None
) -> dict[str, Any]:
    """Return the page of *cursor*, or the first; *limit* and *cursor* are the query's texts.

    Raises: InvalidRequestError.
    """
    after = None if cursor is None else name_before(cursor)
    page = listing.page(limit=_page_size(limit), after=after)
    answer: dict[str, Any] = {"models": [_entry(each, api_url) for each in page.models]}
    if page.next_after is not None:
        answer["next_cursor"] = cursor_after(page.next_after)
    return answer


def _page_size(limit: str | None) -> int:
    if limit is None:
        return DEFAULT_LIMIT
    if not _NUMBER.fullmatch(limit) or not 1 <= int(limit) <= MAX_LIMIT:
        raise InvalidRequestError(f"limit is a whole number from 1 to {MAX_LIMIT}.")
    return int(limit)


def _entry(model: ListedModel, api_url: str) -> dict[str, Any]:
    return {
        "model_id": model.model_id,
        "status": model.status,
        "model_version": model.model_version,
        "updated_at": utc_text(model.updated_at),
        "links": links(api_url, model.model_id),
    }
