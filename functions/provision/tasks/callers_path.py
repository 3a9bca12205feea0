"""What a caller's prediction goes through before the endpoint and after it, for `verify`."""

from typing import Any

from functions.common.api.body import parsed_body, prediction_answer
from functions.common.deployments.record import Deployment
from functions.common.errors import InvalidInputError, ServiceError
from functions.common.payload import MAX_BYTES
from functions.common.signatures.body import RequestBody
from functions.common.signatures.check import InputValidator, check_fields
from functions.common.signatures.engine import compile_schema


class VerificationFailedError(Exception):
    """The candidate is not fit to serve; the message is the reason."""


def example_body(deployment: Deployment) -> RequestBody | None:
    """Return the input example as a caller's body; None without one.

    Raises: VerificationFailedError (it would be refused, or the request schema is none).
    """
    example = deployment.contract.input_example
    try:
        if deployment.contract.request_schema is not None:
            compile_schema(deployment.contract.request_schema)
        if example is None:
            return None
        body = parsed_body(RequestBody.of(example).raw)
        check_fields(body)
        InputValidator().check(deployment, body)
    except InvalidInputError as error:
        fault = error.faults[0]
        raise VerificationFailedError(
            f"The model's own input example does not fit its signature: {fault.pointer or 'it'} "
            f"{fault.message}. Log the model with an example that does."
        ) from error
    except ServiceError as error:
        raise VerificationFailedError(
            f"The model's own input example could not be sent: {error.detail}"
        ) from error
    except ValueError as error:
        raise VerificationFailedError(
            "No calls could be checked by the model's signature: it makes no usable schema."
        ) from error
    return body


def make_answer(deployment: Deployment, predictions: Any) -> None:
    """Make the answer that a caller would get.

    Raises: VerificationFailedError (it could not be sent).
    """
    answer = prediction_answer(deployment, predictions, latency_ms=0, request_id="verify")
    if len(answer) > MAX_BYTES:
        raise VerificationFailedError("The answer to the input example is larger than 4 MB.")
