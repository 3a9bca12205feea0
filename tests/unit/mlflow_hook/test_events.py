"""What MLflow's events ask for."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from mlflow.webhooks.types import ModelVersionCreatedPayload, RegisteredModelCreatedPayload

from functions.common.errors import InvalidJsonError, InvalidRequestError
from functions.mlflow_hook.events import Ignored, Wish, read_event

TIME = "2026-11-22T19:48:19.914567+00:00"


def body(
    data: Any, *, entity: str = "model_version", action: str = "created", **more: Any
) -> bytes:
    """An event as MLflow sends it."""
    event = {"entity": entity, "action": action, "timestamp": TIME, "data": data} | more
    return json.dumps(event).encode()


def created(**changes: Any) -> dict[str, Any]:
    """Data of a real `model_version.created`."""
    return {
        "name": "sales lead",
        "version": "3",
        "source": "models:/m-4bf4",
        "run_id": None,
        "tags": {},
        "description": None,
    } | changes


def test_a_created_version_is_a_wish_at_the_events_own_time() -> None:
    """Name, version and time are taken as they are."""
    expected = Wish("sales lead", "3", datetime(2026, 11, 22, 19, 48, 19, 914567, tzinfo=UTC))

    assert expected == read_event(body(created()))


def test_mlflows_test_event_is_ignored() -> None:
    """`MlflowClient.test_webhook` sends an example that looks real."""
    assert isinstance(read_event(body(dict(ModelVersionCreatedPayload.example()))), Ignored)


def test_a_real_model_called_like_the_example_is_a_wish() -> None:
    """Only the whole example is the example."""
    event = read_event(body(created(name="example_model", version="1")))

    assert isinstance(event, Wish)


def test_other_events_are_ignored_by_name() -> None:
    """The reason says which event it was."""
    event = read_event(
        body(dict(RegisteredModelCreatedPayload.example()), entity="registered_model")
    )

    assert Ignored("registered_model.created is not acted on.") == event


def test_a_workspace_beside_the_data_does_no_harm() -> None:
    """MLflow adds it when workspaces are on."""
    assert isinstance(read_event(body(created(), workspace="default")), Wish)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"name=x"])
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    """400, and MLflow gives up."""
    with pytest.raises(InvalidJsonError):
        read_event(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b"null",
        b"{}",
        body(None),
        body([]),
        body({}),
        body(created(name="")),
        body(created(name="x" * 257)),
        body(created(version="latest")),
        body(created(version=None)),
        body(created(), timestamp="2026-11-22T19:48:19"),
        body(created(), timestamp="yesterday"),
    ],
)
def test_what_is_no_event_of_mlflow_is_refused(raw: bytes) -> None:
    """The message names the field and never repeats its value."""
    with pytest.raises(InvalidRequestError) as refused:
        read_event(raw)

    assert "yesterday" not in refused.value.detail
