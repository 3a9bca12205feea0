"""AWS's errors: those that pass are 503, with when to try again; ours to mend are not."""

import pytest
from botocore.exceptions import NoCredentialsError, ParamValidationError

from functions.common.aws_errors import service_unavailable
from functions.common.deployments.store import StoreBusyError
from functions.common.secrets import SecretUnavailableError
from tests.aws_failures import FAILURES, client_error


@pytest.mark.parametrize("error", FAILURES, ids=str)
def test_what_passes_is_503_with_a_pause(error: Exception) -> None:
    """The answer says nothing of what AWS's message names."""
    answered = service_unavailable(error)

    assert answered
    assert (503, True, 5) == (answered.status, answered.retryable, answered.retry_after_s)
    assert "10.0.0.1" not in answered.detail


@pytest.mark.parametrize("error", FAILURES, ids=str)
def test_an_error_with_a_passing_cause_passes(error: Exception) -> None:
    """Such as a secret that could not be read."""
    wrapped = SecretUnavailableError("token")
    wrapped.__cause__ = error

    assert service_unavailable(wrapped)


def test_a_busy_store_is_answered_as_it_is() -> None:
    """It has its own words."""
    busy = StoreBusyError("Busy.")

    assert busy is service_unavailable(busy)


@pytest.mark.parametrize(
    "error",
    [
        client_error("AccessDeniedException"),
        client_error("ResourceNotFoundException"),
        client_error("ValidationException"),
        NoCredentialsError(),
        ParamValidationError(report="x"),
        SecretUnavailableError("nowhere"),
        ConnectionError("not botocore's"),
        KeyError("a bug"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_stays_is_an_internal_error(error: Exception) -> None:
    """A missing right, a wrong name or a bug does not pass by waiting."""
    assert service_unavailable(error) is None
