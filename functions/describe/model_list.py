"""The answer to `GET /models`: one page of the list of models."""

from typing import Any

from functions.common.api.addresses import links
from functions.common.api.gateway_event import is_possible_name
from functions.common.deployments.listing import ListedModel, ModelListing
from functions.common.deployments.record import utc_text
from functions.describe.paging import cursor_after, page_size, place_before

DEFAULT_LIMIT = 50


def model_list(
    listing: ModelListing, api_url: str, *, limit: str | None, cursor: str | None
) -> dict[str, Any]:
    """Return the page of *cursor*, or the first; *limit* and *cursor* are the query's texts.

    Raises: InvalidRequestError.
    """
    after = None if cursor is None else place_before(cursor, is_place=is_possible_name)
    page = listing.page(limit=page_size(limit, default=DEFAULT_LIMIT), after=after)
    answer: dict[str, Any] = {"models": [_entry(each, api_url) for each in page.models]}
    if page.next_after is not None:
        answer["next_cursor"] = cursor_after(page.next_after)
    return answer


def _entry(model: ListedModel, api_url: str) -> dict[str, Any]:
    return {
        "model_id": model.model_id,
        "status": model.status,
        "model_version": model.model_version,
        "updated_at": utc_text(model.updated_at),
        "links": links(api_url, model.model_id),
    }
