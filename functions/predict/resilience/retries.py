"""Which failed calls are worth another attempt, and after how long."""

from functions.common.errors import (
    ConnectionFailedError,
    ModelWarmingUpError,
    ProviderRateLimitedError,
    ServiceError,
)

ATTEMPTS = 3
LEAST_S = 0.5
"""With less time than this left, another attempt would only be cut short."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 1.0
_LONGEST_RATE_LIMIT_S = 5.0
"""A caller is told of a longer one, and does something better with the time than wait."""


def pause_s(error: ServiceError, *, attempt: int, left_s: float, jitter: float) -> float | None:
    """Seconds to wait before the next attempt; None when there is to be none.

    *attempt* counts those made, from 1; *left_s* is the time until the deadline, *jitter* a random
    number from 0 to 1. Silence is not tried again: the model may still be working on it, and most
    of the time is gone.

    Source: the exponential backoff with full jitter of
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    if attempt >= ATTEMPTS:
        return None
    match error:
        case ConnectionFailedError() | ModelWarmingUpError():
            pause = jitter * min(_FIRST_PAUSE_S * 2 ** (attempt - 1), _LONGEST_PAUSE_S)
        case ProviderRateLimitedError(provider_retry_after_s=int(said_s)):
            if said_s > _LONGEST_RATE_LIMIT_S:
                return None
            pause = said_s + jitter * _FIRST_PAUSE_S
        case _:
            return None
    return pause if pause + LEAST_S < left_s else None
