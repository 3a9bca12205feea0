"""The `model` part of an endpoint's document: the files that are served, and what serves them."""

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

TOOLKIT_HEALTH_ROUTE = "/health"
"""Health check of every container of image `huggingface`."""
_NOT_SHOWN = "***"
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


class Document(BaseModel):
    """A JSON object of the API: camel case, exact types, unknown fields ignored."""

    model_config = ConfigDict(alias_generator=to_camel, strict=True)


class RegistryLogin(Document):
    """The login at a private registry."""

    username: str
    password: str = Field(repr=False)


class CustomImage(Document):
    """An image from a registry.

    Attributes:
        port: The one on which the container listens.
        health_route: None: the container counts as ready as soon as it runs.
    """

    url: str
    port: int = Field(default=80, ge=1, le=65535)
    health_route: str | None = None
    credentials: RegistryLogin | None = None


class Image(Document):
    """An image by its kind: exactly one field is set."""

    huggingface: dict[str, Any] | None = None
    custom: CustomImage | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_kind(cls, values: Any) -> Any:
        if isinstance(values, dict) and len(values) != 1:
            raise ValueError("expected exactly one kind of image")
        return values

    @property
    def health_route(self) -> str | None:
        return self.custom.health_route if self.custom else TOOLKIT_HEALTH_ROUTE


class Model(Document):
    """The files that are served, and the image, command and variables of their container."""

    repository: str
    framework: Literal["custom", "pytorch", "llamacpp"]
    image: Image
    revision: str | None = None
    task: Task = "custom"
    command: list[str] | None = None
    args: list[str] | None = None
    env: dict[str, str] = {}
    secrets: dict[str, str] = Field(default={}, repr=False)

    def at(self, sha: str) -> Self:
        """Return the model with its revision as a SHA."""
        return self.model_copy(update={"revision": sha})

    def shown(self) -> dict[str, Any]:
        """Return the model as the API shows it: names of secrets, never their values."""
        shown = self.model_dump(by_alias=True, exclude_none=True)
        shown["secrets"] = dict.fromkeys(self.secrets, _NOT_SHOWN)
        if self.image.custom and self.image.custom.credentials:
            shown["image"]["custom"]["credentials"] = dict.fromkeys(
                ("username", "password"), _NOT_SHOWN
            )
        return shown
