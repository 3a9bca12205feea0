"""The document that creates an endpoint, checked.

Malformed JSON, and `model.task: null`, are 400 as from the JSON parser of the real service;
a document of the wrong shape is 422; a well-formed payload that cannot be granted is 400.
"""

import json
import re
from typing import Any, Literal

from pydantic import Field, ValidationError

from standins.huggingface import catalogue
from standins.huggingface.errors import ApiError
from standins.huggingface.model_document import Document, Model

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")
_DEFAULT_IDLE_MIN = 15
_IDLE_MIN = range(15, 2881)


class Scaling(Document):
    """Numbers of replicas; *scale_to_zero_timeout*: idle minutes until none is left."""

    min_replica: int = Field(ge=0)
    max_replica: int = Field(ge=0)
    scale_to_zero_timeout: int | None = None
    measure: dict[str, float | None] | None = None


class Compute(Document):
    """The hardware."""

    accelerator: Literal["cpu", "gpu", "neuron"]
    instance_type: str
    instance_size: str
    scaling: Scaling


class CloudVendor(Document):
    """Vendor and region."""

    vendor: str
    region: str


class EndpointDocument(Document):
    """An endpoint as its owner asks for it.

    Attributes:
        route, private_service, network, custom_router: Kept and shown; nothing here follows them.
    """

    name: str
    type: Literal["public", "authenticated", "private"]
    provider: CloudVendor
    compute: Compute
    model: Model
    tags: list[str] = Field(default_factory=list)
    cache_http_responses: bool = False
    experimental_features: dict[str, Any] = Field(default_factory=dict)
    notifications: dict[str, Any] = Field(default_factory=dict)
    route: dict[str, Any] | None = None
    private_service: dict[str, Any] | None = None
    network: dict[str, Any] | None = None
    custom_router: dict[str, Any] | None = None


def parse_document(body: bytes, content_type: str) -> EndpointDocument:
    """Return the endpoint that a request asks for. Raises: ApiError 400, 415, 422."""
    if content_type.partition(";")[0].strip() != "application/json":
        raise ApiError(415, "Expected request with `Content-Type: application/json`")
    try:
        values = json.loads(body)
    except ValueError as error:
        raise ApiError(400, f"Failed to parse the request body as JSON: {error}") from error
    if not isinstance(values, dict):
        raise ApiError(422, "Failed to deserialize the JSON body: expected an object")
    document = validate_document(values)
    _check(document)
    return document


def validate_document(values: dict[str, Any]) -> EndpointDocument:
    """Return the endpoint that *values* describe, its fields not yet granted. Raises: ApiError."""
    model = values.get("model")
    if isinstance(model, dict) and "task" in model and model["task"] is None:
        raise ApiError(400, "Failed to parse the request body as JSON: model.task: expected value")
    try:
        return EndpointDocument.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        path = ".".join(map(str, first["loc"]))
        text = f"Failed to deserialize the JSON body into the target type: {path}: {first['msg']}"
        raise ApiError(422, text) from error


def _check(document: EndpointDocument) -> None:
    if not _NAME.fullmatch(document.name):
        raise ApiError(
            400,
            f"Invalid endpoint name '{document.name}': lowercase letters, digits and '-' only,"
            " at most 32 characters",
        )
    _check_hardware(document)
    _check_scaling(document.compute.scaling)
    image = document.model.image
    if image.huggingface is None and image.custom is None:
        raise ApiError(400, "This stand-in serves `image.huggingface` and `image.custom` only")


def _check_hardware(document: EndpointDocument) -> None:
    provider, compute = document.provider, document.compute
    if not catalogue.offered(
        vendor=provider.vendor,
        region=provider.region,
        accelerator=compute.accelerator,
        type_=compute.instance_type,
        size=compute.instance_size,
    ):
        raise ApiError(
            400,
            f"Instance compute '{compute.accelerator.capitalize()}' - '{compute.instance_type}'"
            f" - '{compute.instance_size}' in '{provider.vendor}' - '{provider.region}' not found",
        )


def _check_scaling(scaling: Scaling) -> None:
    if scaling.max_replica < 1 or scaling.min_replica > scaling.max_replica:
        raise ApiError(400, "minReplica must not be greater than maxReplica, which is at least 1")
    if scaling.scale_to_zero_timeout is None and scaling.min_replica == 0:
        scaling.scale_to_zero_timeout = _DEFAULT_IDLE_MIN
    idle_min = scaling.scale_to_zero_timeout
    if idle_min is not None and idle_min not in _IDLE_MIN:
        raise ApiError(400, "scaleToZeroTimeout must be between 15 and 2880 minutes")
