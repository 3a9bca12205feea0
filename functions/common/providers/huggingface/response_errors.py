"""Errors of responses other than 200, by the proxy in front of every endpoint.

Its own errors have a `code` beside `error`; those of the container behind it do not.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from functions.common import retry_after
from functions.common.errors import (
    ModelNotReadyError,
    ModelWarmingUpError,
    PayloadTooLargeError,
    ProviderDeniedError,
    ProviderError,
    ProviderRateLimitedError,
    ProviderRefusalError,
    ProviderTimeoutError,
    ServiceError,
)
from functions.common.providers.huggingface.transport import Response, json_of

DENIED = frozenset({401, 403})
"""A token that is not known, and one that may not call endpoints."""


def error_from_response(response: Response) -> ServiceError:
    """Return the error of our API, without anything of the provider's own message.

    502: until July 2025 the proxy's status while no replica was ready, since then 503.
    """
    if response.status == 400:  # noqa: PLR2004 - RFC 9110, 15.5.1
        return _paused(response.content) or _unknown(response)
    return _BY_STATUS.get(response.status, _unknown)(response)


def _warming_up(response: Response) -> ServiceError:
    return ModelWarmingUpError(
        "The model is starting. Try again soon.", provider_retry_after_s=retry_after_s(response)
    )


def _rate_limited(response: Response) -> ServiceError:
    return ProviderRateLimitedError(
        "The model's provider limits the rate of requests.",
        provider_retry_after_s=retry_after_s(response),
    )


def _denied(_response: Response) -> ServiceError:
    return ProviderDeniedError("The model's provider did not let this service in.")


def _gone(_response: Response) -> ServiceError:
    return ModelNotReadyError("The model's endpoint is gone.")


def _silent(_response: Response) -> ServiceError:
    return ProviderTimeoutError("The model did not answer its provider in time.")


def _too_large(_response: Response) -> ServiceError:
    return PayloadTooLargeError("The model's provider takes no body of this size.")


def _unknown(response: Response) -> ServiceError:
    is_refusal = 400 <= response.status < 500  # noqa: PLR2004 - RFC 9110, 15.5
    error = ProviderRefusalError if is_refusal else ProviderError
    return error(f"The model's provider answered with status {response.status}.")


def _paused(content: bytes) -> ServiceError | None:
    match json_of(content):
        case {"code": "BAD_REQUEST", "error": str(message)} if (
            "paused" in message or "Invalid state" in message
        ):
            return ModelNotReadyError("The model's endpoint is paused, and no call starts it.")
    return None


def retry_after_s(response: Response) -> int | None:
    """Return the header `Retry-After` in seconds from now; None without one that is one."""
    if response.retry_after is None:
        return None
    return retry_after.seconds(response.retry_after, _now())


def _now() -> datetime:
    return datetime.now(UTC)


_BY_STATUS: dict[int, Callable[[Response], ServiceError]] = {
    401: _denied,
    403: _denied,
    404: _gone,
    408: _silent,
    413: _too_large,
    429: _rate_limited,
    502: _warming_up,
    503: _warming_up,
    504: _silent,
}
