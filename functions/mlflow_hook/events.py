"""What MLflow's webhook tells: a wish to deploy a version, or something that is not acted on.

Source: MLflow's webhook payloads (`mlflow.webhooks.types`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, ValidationError
from pydantic_core import from_json

from functions.common.errors import InvalidJsonError, InvalidRequestError


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody registered this version at this time."""

    model_id: str
    model_version: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that starts nothing, and why."""

    reason: str


class _Event(BaseModel):
    entity: str
    action: str
    timestamp: AwareDatetime
    data: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.entity}.{self.action}"


class _ModelVersionCreated(BaseModel):
    name: str = Field(min_length=1, max_length=256)
    version: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,10}$")]
    source: str | None = None
    run_id: str | None = None

    @property
    def is_test(self) -> bool:
        """Whether it is the example that `MlflowClient.test_webhook` sends.

        No real version has this source: MLflow's own ids are longer.
        """
        example = ("example_model", "1", "models:/123", "abcd1234abcd5678")
        return (self.name, self.version, self.source, self.run_id) == example


def read_event(body: bytes) -> Wish | Ignored:
    """What *body*, a webhook's raw JSON, asks for.

    Raises: InvalidJsonError, InvalidRequestError (not one of MLflow's events).
    """
    event = _read(_Event, _parsed(body))
    if event.name != "model_version.created":
        return Ignored(f"{event.name} is not acted on.")
    created = _read(_ModelVersionCreated, event.data)
    if created.is_test:
        return Ignored("This is MLflow's test event.")
    return Wish(created.name, created.version, event.timestamp)


def _parsed(body: bytes) -> Any:
    try:
        return from_json(body)
    except ValueError as error:
        raise InvalidJsonError(f"The body is not JSON: {error}.") from None


def _read[T: BaseModel](model: type[T], document: Any) -> T:
    try:
        return model.model_validate(document)
    except ValidationError as invalid:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}"
            for fault in invalid.errors(include_input=False, include_url=False)
        )
        raise InvalidRequestError(f"Not an event of MLflow: {faults}.") from None
