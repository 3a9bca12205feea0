"""Separates botocore's errors that pass by themselves from our own faults, in one place."""

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    HTTPClientError,
    IncompleteReadError,
    ResponseStreamingError,
)
from botocore.exceptions import (
    ConnectionError as BotoConnectionError,
)

from functions.common.errors import ServiceUnavailableError

PASSING_CODES = frozenset(
    {
        "EC2ThrottledException",
        "ExecutionLimitExceeded",
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""Codes of answers 4xx that a later call may not get. Sources: `botocore.retries.standard`, and
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html"""
_LOST = (BotoConnectionError, HTTPClientError, IncompleteReadError, ResponseStreamingError)
"""No answer, or half of one. botocore has tried again already."""
_SERVER_ERROR = 500


def service_unavailable(error: BaseException) -> ServiceUnavailableError | None:
    """Return what to answer when *error*, or what caused it, passes by itself; None: it stays.

    Throttling, an answer 5xx, a lost connection and a time-out pass. A missing right or resource
    is ours to mend.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ServiceUnavailableError):
            return cause
        if isinstance(cause, BotoCoreError | ClientError) and _passes(cause):
            return ServiceUnavailableError("A part of the service does not answer. Try again.")
        cause = cause.__cause__
    return None


def _passes(error: BotoCoreError | ClientError) -> bool:
    if isinstance(error, BotoCoreError):
        return isinstance(error, _LOST)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status >= _SERVER_ERROR or error.response["Error"]["Code"] in PASSING_CODES
