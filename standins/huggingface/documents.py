"""What a caller may ask of the control API: the documents of create and update, checked.

Malformed JSON, and `model.task: null`, are 400 as from the JSON parser of the real service;
a document of the wrong shape is 422; a well-formed payload that cannot be granted is 400.
"""

import json
import re
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from standins.huggingface import catalogue
from standins.huggingface.errors import ApiError

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")
_IMAGES_WITHOUT_URL = {"huggingface", "huggingfaceNeuron"}
_IMAGES_WITH_URL = {
    *("tgi", "tgiNeuron", "tei", "vLLM", "vLLMOmni", "vLLMNeuron", "sGLang", "llamacpp"),
    *("hfServe", "custom"),
}
# An update replaces these whole; everything else is merged key by key.
_REPLACED_WHOLE = {"env", "secrets", "args", "command", "tags", "image", "measure"}
# What an endpoint is called and where it runs cannot be updated.
_NOT_UPDATED = {"name", "provider"}
_DEFAULT_IDLE_MIN = 15
_IDLE_MIN = range(15, 2881)
Task = Literal[
    "text-classification",
    "zero-shot-classification",
    "token-classification",
    "question-answering",
    "fill-mask",
    "summarization",
    "translation",
    "text2text-generation",
    "text-generation",
    "feature-extraction",
    "sentence-embeddings",
    "sentence-similarity",
    "sentence-ranking",
    "image-classification",
    "image-segmentation",
    "object-detection",
    "automatic-speech-recognition",
    "audio-classification",
    "table-question-answering",
    "conversational",
    "text-to-image",
    "custom",
]


class _Document(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, strict=True)


class Scaling(_Document):
    """How many replicas, and how many idle minutes until none."""

    min_replica: int = Field(ge=0)
    max_replica: int = Field(ge=0)
    scale_to_zero_timeout: int | None = None
    measure: dict[str, float | None] | None = None


class Compute(_Document):
    """The hardware."""

    accelerator: Literal["cpu", "gpu", "neuron"]
    instance_type: str
    instance_size: str
    scaling: Scaling


class Model(_Document):
    """What is served and by which container."""

    repository: str
    framework: Literal["custom", "pytorch", "llamacpp"]
    image: dict[str, dict[str, Any]]
    revision: str | None = None
    task: Task = "custom"
    env: dict[str, str] = {}
    secrets: dict[str, str] = Field(default={}, repr=False)

    @model_validator(mode="after")
    def _one_known_image(self) -> Self:
        if len(self.image) != 1 or not set(self.image) <= _IMAGES_WITHOUT_URL | _IMAGES_WITH_URL:
            raise ValueError("image: expected exactly one known variant")
        ((kind, settings),) = self.image.items()
        if kind in _IMAGES_WITH_URL and not settings.get("url"):
            raise ValueError(f"image.{kind}: missing field `url`")
        return self


class CloudVendor(_Document):
    """Where it runs."""

    vendor: str
    region: str


class EndpointDocument(_Document):
    """A whole endpoint as its owner wants it."""

    name: str
    type: Literal["public", "authenticated", "private", "protected"]
    provider: CloudVendor
    compute: Compute
    model: Model
    tags: list[str] = []
    cache_http_responses: bool = False


def parse_json(body: bytes, content_type: str) -> dict[str, Any]:
    """The JSON object of a request. Raises: ApiError 400, 415, 422."""
    if content_type.partition(";")[0].strip() != "application/json":
        raise ApiError(415, "Expected request with `Content-Type: application/json`")
    try:
        document = json.loads(body)
    except ValueError as error:
        raise ApiError(400, f"Failed to parse the request body as JSON: {error}") from error
    if not isinstance(document, dict):
        raise ApiError(422, "Failed to deserialize the JSON body: expected an object")
    return document


def to_create(document: dict[str, Any]) -> EndpointDocument:
    """The endpoint that *document* asks for. Raises: ApiError 400, 422."""
    return _check(_validate(document))


def to_update(current: EndpointDocument, changes: dict[str, Any]) -> EndpointDocument:
    """*current* with *changes* merged in. Raises: ApiError 400, 422."""
    before = current.model_dump(by_alias=True)
    allowed = {key: value for key, value in changes.items() if key not in _NOT_UPDATED}
    return _check(_validate(_merged(before, allowed)))


def _merged(before: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    after = dict(before)
    for key, value in changes.items():
        nested = isinstance(value, dict) and isinstance(before.get(key), dict)
        whole = key in _REPLACED_WHOLE or not nested
        after[key] = value if whole else _merged(before[key], value)
    return after


def _validate(document: dict[str, Any]) -> EndpointDocument:
    model = document.get("model")
    if isinstance(model, dict) and "task" in model and model["task"] is None:
        raise ApiError(400, "Failed to parse the request body as JSON: model.task: expected value")
    try:
        return EndpointDocument.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        path = ".".join(map(str, first["loc"]))
        text = f"Failed to deserialize the JSON body into the target type: {path}: {first['msg']}"
        raise ApiError(422, text) from error


def _check(document: EndpointDocument) -> EndpointDocument:
    if not _NAME.fullmatch(document.name):
        raise ApiError(
            400,
            f"Invalid endpoint name '{document.name}': lowercase letters, digits and '-' only,"
            " at most 32 characters",
        )
    _check_hardware(document)
    _check_scaling(document.compute.scaling)
    if set(document.model.image) - _IMAGES_WITHOUT_URL:
        raise ApiError(400, "This stand-in serves `image.huggingface` only")
    if document.type == "protected":
        return document.model_copy(update={"type": "private"})
    return document


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
