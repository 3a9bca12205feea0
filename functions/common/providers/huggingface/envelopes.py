"""Requests to our own server on endpoints, the runtime `container`, and the envelopes of answers.

The body is the caller's, byte for byte; secret and nonce are headers. An envelope is
`{"deployment_id", "package", "nonce"}`, and beside these `"predictions"` or `"error": {"type",
"message"}`; with an error the status is another than 200. It echoes the nonce, so that no fault on
the way can hand one caller's answer to another. What is no envelope comes from the proxy in front
of the server, or from the HTTP library beneath it. Our handler's envelopes differ in little: see
`payloads`.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from functions.common.deployments.record import Deployment
from functions.common.errors import (
    ModelFailedError,
    ModelRejectedInputError,
    ModelWarmingUpError,
    PayloadTooLargeError,
    ProviderDeniedError,
    ProviderError,
    ProviderRateLimitedError,
    ServiceError,
)
from functions.common.json_text import LARGE_BYTES, texts_by_name, value_text
from functions.common.providers.base import Predictions
from functions.common.providers.huggingface.response_errors import (
    error_from_response,
    retry_after_s,
)
from functions.common.providers.huggingface.transport import Headers, Response, json_of

NO_PREDICTION = "The model's answer is not a prediction."
_MESSAGE_CHARACTERS = 500
_PREDICTIONS = "predictions"


def to_server(deployment: Deployment, *, nonce: str) -> Headers:
    """Return the headers that say who calls, and which answer belongs to the request."""
    return {"X-Hokus-Secret": deployment.endpoint.secret or "", "X-Hokus-Nonce": nonce}


def from_server(response: Response, deployment: Deployment, *, nonce: str) -> Predictions:
    """Return the predictions in *response*.

    Raises: ModelRejectedInputError, ModelFailedError, ProviderDeniedError, PayloadTooLargeError,
    ProviderRateLimitedError, ModelWarmingUpError, ProviderError (no envelope, or one of another
    deployment or request), and those of `error_from_response`.
    """
    envelope = envelope_of(response.content)
    if envelope is None and response.status != HTTPStatus.OK:
        raise error_from_response(response)
    if envelope is None:
        raise ProviderError(NO_PREDICTION)
    check_identity(envelope, deployment, nonce=nonce)
    if response.status == HTTPStatus.OK:
        return predictions_in(envelope)
    raise _failure_of_server(envelope, response) or failure_in(envelope)


def envelope_of(content: bytes) -> Mapping[Any, Any] | None:
    """Return the envelope *content*; None for any other content.

    Large predictions are `JsonText`.
    """
    large = _large(content) if len(content) >= LARGE_BYTES else None
    envelope = large or json_of(content)
    is_one = isinstance(envelope, dict) and isinstance(envelope.get("deployment_id"), str)
    return envelope if is_one else None


def _large(content: bytes) -> Mapping[str, Any] | None:
    """Return *content*, parsed but for its predictions; None for what `json_of` has to parse."""
    texts = texts_by_name(content) or {}
    predictions = value_text(texts.get(_PREDICTIONS, b""))
    if _PREDICTIONS not in texts or predictions is None:
        return None
    others = {name: json_of(text) for name, text in texts.items() if name != _PREDICTIONS}
    return {**others, _PREDICTIONS: predictions}


def check_identity(
    envelope: Mapping[Any, Any], deployment: Deployment, *, nonce: str | None
) -> None:
    """Raise ProviderError unless it answers the request with *nonce*, from *deployment*'s endpoint.

    None: any nonce.
    """
    if envelope["deployment_id"] != deployment.endpoint_deployment_id:
        raise ProviderError("Another deployment answered at the model's address.")
    if nonce is not None and envelope.get("nonce") != nonce:
        raise ProviderError("The answer belongs to another request.")


def predictions_in(envelope: Mapping[Any, Any]) -> Predictions:
    """Raises: ProviderError (it holds none)."""
    if _PREDICTIONS not in envelope:
        raise ProviderError(NO_PREDICTION)
    package = envelope.get("package")
    digest = package if isinstance(package, str) else None
    return Predictions(envelope[_PREDICTIONS], envelope["deployment_id"], digest)


def failure_in(envelope: Mapping[Any, Any]) -> ServiceError:
    """Return the error of an envelope without predictions."""
    match envelope.get("error"):
        case {"type": "rejected_input", "message": str(message)}:
            return rejected(message)
        case {"type": "model_error", "message": str(message)}:
            return ModelFailedError(f"The model failed: {message[:_MESSAGE_CHARACTERS]}")
        case {"type": "forbidden"}:
            return ProviderDeniedError("The model's endpoint did not let this service in.")
    return ProviderError(NO_PREDICTION)


def rejected(message: str) -> ModelRejectedInputError:
    """Return the error for a model that gives *message* as its reason."""
    return ModelRejectedInputError(message[:_MESSAGE_CHARACTERS] or "It did not say why.")


def _failure_of_server(envelope: Mapping[Any, Any], response: Response) -> ServiceError | None:
    """Return the error that is the server's own; None for those that the model has a part in."""
    match envelope.get("error"):
        case {"type": "overloaded"}:
            # Busy, not broken: no circuit opens, and another attempt waits as long as it asks for.
            return ProviderRateLimitedError(
                "The model is busy with other requests.",
                provider_retry_after_s=retry_after_s(response),
            )
        case {"type": "starting" | "stopping"}:
            return ModelWarmingUpError(
                "The model is starting. Try again soon.",
                provider_retry_after_s=retry_after_s(response),
            )
        case {"type": "too_large"}:
            return PayloadTooLargeError("The model's endpoint takes no body of this size.")
        case {"type": "invalid_json", "message": str(message)}:
            return rejected(message)
    return None
