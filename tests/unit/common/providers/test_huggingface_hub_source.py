"""Predictions of a model that is served from its Hub source."""

import pytest

from functions.common.errors import (
    ModelNotReadyError,
    ModelRejectedInputError,
    ModelWarmingUpError,
    ProviderError,
    ProviderRateLimitedError,
    ProviderRefusalError,
    ServiceError,
)
from functions.common.providers.base import Predictions
from tests.faults.scripts import answers
from tests.unit.common.providers.local_endpoint import (
    LocalEndpoint,
)


def test_a_hub_source_gets_no_secret(local_endpoint: LocalEndpoint) -> None:
    """The code that would read it is not ours."""
    local_endpoint.endpoint.script = answers(200, ["fine"])

    assert Predictions(["fine"], None) == local_endpoint.invoke_hub_source()
    assert [{"inputs": "A fine day"}] == [
        request.json() for request in local_endpoint.endpoint.requests
    ]


def test_an_input_that_a_hub_source_rejects_is_model_rejected_input(
    local_endpoint: LocalEndpoint,
) -> None:
    """With its own message; a 400 of our handler's container means something else."""
    local_endpoint.endpoint.script = answers(400, {"error": "text too long"})

    with pytest.raises(ModelRejectedInputError, match="text too long"):
        local_endpoint.invoke_hub_source()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, {"detail": "boom"}, ProviderError),
        (400, {"error": "Bad Request: Invalid state", "code": "BAD_REQUEST"}, ModelNotReadyError),
        (400, {"error": "Bad Request", "code": "BAD_REQUEST"}, ProviderRefusalError),
        (400, b"<html>", ProviderRefusalError),
        (422, {"other": 1}, ProviderRefusalError),
        (503, {"error": "503 Service Unavailable", "code": "X"}, ModelWarmingUpError),
        (429, b"", ProviderRateLimitedError),
        (404, {"error": "Not Found"}, ModelNotReadyError),
        (200, b"", ProviderError),
        (200, b"[NaN]", ProviderError),
        (200, b"[1", ProviderError),
    ],
)
def test_other_failures_are_those_of_our_handler(
    local_endpoint: LocalEndpoint, status: int, body: object, error: type[ServiceError]
) -> None:
    """The proxy in front is the same."""
    local_endpoint.endpoint.script = answers(status, body)

    with pytest.raises(ServiceError) as raised:
        local_endpoint.invoke_hub_source()
    assert error is type(raised.value)
