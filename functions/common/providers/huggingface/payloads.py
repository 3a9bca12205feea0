"""Requests to and responses from Hugging Face's own containers: the runtimes `toolkit` and `hub`.

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

from jiter import from_json
from msgspec.json import encode

from functions.common.deployments.record import Deployment
from functions.common.errors import (
    ModelRejectedInputError,
    ProviderError,
    ServiceError,
)
from functions.common.json_text import whole_text
from functions.common.providers.base import Predictions
from functions.common.providers.huggingface.envelopes import (
    NO_PREDICTION,
    check_identity,
    envelope_of,
    failure_in,
    predictions_in,
    rejected,
)
from functions.common.providers.huggingface.transport import json_of
from functions.common.signatures.body import PARAMETER_NAMES

_REJECTIONS = {400, 422}


def to_handler(body: bytes, deployment: Deployment, *, nonce: str) -> bytes:
    """Return the request's body, which holds the caller's JSON byte for byte."""
    hokus = encode({"secret": deployment.endpoint.secret, "nonce": nonce})
    return b'{"inputs":%b,"hokus":%b}' % (body, hokus)


def from_handler(content: bytes, deployment: Deployment, *, nonce: str) -> Predictions:
    """Return the predictions of the envelope *content*.

    Raises: ModelRejectedInputError, ModelFailedError, ProviderDeniedError, ProviderError (no
    envelope, one of another deployment, or the answer to another request).
    """
    envelope = envelope_of(content)
    if envelope is None:
        raise ProviderError(NO_PREDICTION)
    # A handler that was published before it echoed the nonce sends none.
    check_identity(envelope, deployment, nonce=nonce if "nonce" in envelope else None)
    match envelope.get("ok"):
        case True:
            return predictions_in(envelope)
        case False:
            raise failure_in(envelope)
    raise ProviderError(NO_PREDICTION)


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
    return encode(payload)


def from_hub_source(content: bytes) -> Predictions:
    """Raises: ProviderError."""
    try:
        return Predictions(whole_text(content) or from_json(content, allow_inf_nan=False), None)
    except ValueError as error:
        raise ProviderError(NO_PREDICTION) from error


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
            return rejected(message)
        case {"detail": [*faults]}:
            return rejected("; ".join(_fault(fault) for fault in faults))
    return None


def _fault(fault: Any) -> str:
    """`body.inputs: Field required`, without the input that hf-serve repeats beside it."""
    match fault:
        case {"loc": [*path], "msg": str(message)}:
            return f"{'.'.join(str(part) for part in path)}: {message}"
    return "a field is not valid"
