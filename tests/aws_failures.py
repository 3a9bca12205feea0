"""Failures of AWS's services that pass, as botocore raises them."""

from typing import Any

from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from functions.common.secrets import SecretUnavailableError

URL = "https://dynamodb.us-east-1.amazonaws.com/"


def client_error(code: str, status: int = 400, **more: Any) -> ClientError:
    """Return the error of an answer with *code* and the HTTP status *status*."""
    response: Any = {
        "Error": {"Code": code, "Message": f"{code} of table 10.0.0.1"},
        "ResponseMetadata": {"HTTPStatusCode": status},
        **more,
    }
    return ClientError(response, "GetItem")


def throttled() -> ClientError:
    """Return what a throttled request ends with when botocore's attempts are used up."""
    return client_error("ThrottlingException")


def secret_unavailable(error: Exception) -> SecretUnavailableError:
    """Return what the reader of secrets raises after *error*."""
    unavailable = SecretUnavailableError("token")
    unavailable.__cause__ = error
    return unavailable


FAILURES: tuple[Exception, ...] = (
    throttled(),
    client_error("ProvisionedThroughputExceededException"),
    client_error("InternalServerError", 500),
    client_error("Whatever", 503),
    EndpointConnectionError(endpoint_url=URL),
    ConnectionClosedError(endpoint_url=URL),
    ReadTimeoutError(endpoint_url=URL),
)
