"""Requests to and responses from the containers of Inference Endpoints.

Our handler takes `{"inputs": <the caller's body as it came>, "hokus": {"secret", "nonce"}}` and
answers with its envelope, `{"ok": true, "deployment_id", "package", "nonce", "predictions"}` or
`{"ok": false, …, "error": {"type", "message"}}`. It echoes the nonce, so that no fault on the way
can hand one caller's answer to another. Only the envelope distinguishes a refused input from a
broken model: the container's own status is 400 for both.

A model's Hub source is served by the provider's own code: it takes `{"inputs", "parameters"}` and
answers the predictions themselves, and it is sent no secret. Inference Toolkit answers every
failure with 400 and `{"error"}`. Its successor, hf-serve, answers an input that it cannot take with
400 or 422 and `{"detail"}`, and the rest with 500.
"""

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json, to_json

from functions.common.deployments.record import Deployment
from functions.common.errors import (
    ModelFailedError,
    ModelRejectedInputError,
    ProviderDeniedError,
    ProviderError,
    ServiceError,
)
from functions.common.providers.base import Predictions
from functions.common.signatures.body import PARAMETER_NAMES

_MESSAGE_CHARACTERS = 500
_REJECTIONS = {400, 422}
_NO_PREDICTION = "The model's answer is not a prediction."


def to_handler(body: bytes, deployment: Deployment, *, nonce: str) -> bytes:
    """Return the request's body, which holds the caller's JSON byte for byte."""
    hokus = to_json({"secret": deployment.endpoint.secret, "nonce": nonce})
    return b'{"inputs":%b,"hokus":%b}' % (body, hokus)


def from_handler(content: bytes, deployment: Deployment, *, nonce: str) -> Predictions:
    """Return the predictions of the envelope *content*.

    Raises: ModelRejectedInputError, ModelFailedError, ProviderDeniedError, ProviderError (no
    envelope, one of another deployment, or the answer to another request).
    """
    match json_of(content):
        case {"deployment_id": str(answered_as), **envelope}:
            if answered_as != deployment.endpoint_deployment_id:
                raise ProviderError("Another deployment answered at the model's address.")
            # A runtime that was published before it echoed the nonce sends none.
            if envelope.get("nonce", nonce) != nonce:
                raise ProviderError("The answer belongs to another request.")
            return _opened(envelope, answered_as)
    raise ProviderError(_NO_PREDICTION)


def _opened(envelope: Mapping[Any, Any], answered_as: str) -> Predictions:
    match envelope:
        case {"ok": True, "predictions": values}:
            return Predictions(values, answered_as, _text(envelope.get("package")))
        case {"ok": False, "error": {"type": "rejected_input", "message": str(message)}}:
            raise _rejected(message)
        case {"ok": False, "error": {"type": "model_error", "message": str(message)}}:
            raise ModelFailedError(f"The model failed: {message[:_MESSAGE_CHARACTERS]}")
        case {"ok": False, "error": {"type": "forbidden"}}:
            raise ProviderDeniedError("The model's endpoint did not let this service in.")
    raise ProviderError(_NO_PREDICTION)


def to_hub_source(body: Mapping[str, Any]) -> bytes:
    """Return the request's body, made of the caller's.

    Raises: ModelRejectedInputError (a table, which only MLflow understands).
    """
    names = [name for name in ("inputs", "instances") if name in body]
    if not names:
        raise ModelRejectedInputError(
            "Send `inputs`. This model is served from its Hugging Face repository, which takes no "
            "tables."
        )
    payload = {"inputs": body[names[0]]}
    parameters = [body[name] for name in PARAMETER_NAMES if body.get(name) is not None]
    if parameters:
        payload["parameters"] = parameters[0]
    return to_json(payload)


def from_hub_source(content: bytes) -> Predictions:
    """Raises: ProviderError."""
    try:
        return Predictions(from_json(content, allow_inf_nan=False), None)
    except ValueError as error:
        raise ProviderError(_NO_PREDICTION) from error


def rejection_by_hub_source(status: int, content: bytes) -> ServiceError | None:
    """Return the container's rejection of the input; None for any other response.

    The proxy's own errors have a `code`.
    """
    if status not in _REJECTIONS:
        return None
    match json_of(content):
        case {"code": _}:
            return None
        case {"error": str(message)} | {"detail": str(message)}:
            return _rejected(message)
        case {"detail": [*faults]}:
            return _rejected("; ".join(_fault(fault) for fault in faults))
    return None


def json_of(content: bytes) -> Any:
    """Return the parsed body; None when it is not JSON, as NaN is not."""
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError:
        return None


def _rejected(message: str) -> ModelRejectedInputError:
    return ModelRejectedInputError(message[:_MESSAGE_CHARACTERS] or "It did not say why.")


def _fault(fault: Any) -> str:
    """`body.inputs: Field required`, without the input that hf-serve repeats beside it."""
    match fault:
        case {"loc": [*path], "msg": str(message)}:
            return f"{'.'.join(str(part) for part in path)}: {message}"
    return "a field is not valid"


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
