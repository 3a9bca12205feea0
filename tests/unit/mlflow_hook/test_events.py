"""MLflow's webhook events and the requests that follow from them."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from mlflow.webhooks.types import (
    ModelVersionAliasCreatedPayload,
    ModelVersionAliasDeletedPayload,
    ModelVersionCreatedPayload,
    ModelVersionTagDeletedPayload,
    ModelVersionTagSetPayload,
    RegisteredModelCreatedPayload,
)

from functions.common.deployments.policy import DeployPolicy
from functions.common.deployments.record import RequestedBy
from functions.common.deployments.requests import DeployRequest
from functions.common.errors import InvalidJsonError, InvalidRequestError
from functions.mlflow_hook.events import Changed, Ignored, read_event

TIME = "2026-11-22T19:48:19.914567+00:00"
MOMENT = datetime(2026, 11, 22, 19, 48, 19, 914567, tzinfo=UTC)
EVERY_VERSION = DeployPolicy()
CHAMPION = DeployPolicy(alias="champion")
BOTH = [EVERY_VERSION, CHAMPION]


def body(
    data: Any, *, entity: str = "model_version", action: str = "created", **more: Any
) -> bytes:
    """Return an event as MLflow sends it."""
    event = {"entity": entity, "action": action, "timestamp": TIME, "data": data} | more
    return json.dumps(event).encode()


def created(**changes: Any) -> dict[str, Any]:
    """Return the data of a real `model_version.created`."""
    return {
        "name": "sales lead",
        "version": "3",
        "source": "models:/m-4bf4",
        "run_id": None,
        "tags": {},
        "description": None,
    } | changes


def alias(named: str = "champion", **changes: Any) -> dict[str, Any]:
    """Return the data of a real `model_version_alias.created`."""
    return {"name": "sales lead", "alias": named, "version": "3"} | changes


def tag(key: str, **changes: Any) -> dict[str, Any]:
    """Return the data of a real `model_version_tag.set`."""
    return {"name": "sales lead", "version": "3", "key": key, "value": "false"} | changes


def test_a_created_version_is_requested_at_the_events_time() -> None:
    """Name, version and time are those of the event."""
    expected = DeployRequest(
        model_id="sales lead", model_version="3", requested_at=MOMENT, origin=RequestedBy.REGISTRY
    )

    assert expected == read_event(body(created()), EVERY_VERSION)


def test_a_created_version_is_ignored_if_an_alias_decides() -> None:
    """No alias can name it yet."""
    expected = Ignored("Only the version that the alias `champion` names is deployed.")

    assert expected == read_event(body(created()), CHAMPION)


@pytest.mark.parametrize("value", ["false", "False", " no ", "0", "OFF"])
def test_a_version_that_opts_out_at_its_registration_is_ignored(value: str) -> None:
    """Before anything is written or costs money."""
    event = read_event(body(created(tags={"hokus.deploy": value})), EVERY_VERSION)

    assert Ignored("The version is tagged hokus.deploy=false.") == event


@pytest.mark.parametrize(
    "tags",
    [None, {}, {"hokus.deploy": "true"}, {"hokus.deploy": None}, {"hokus.status": "false"}],
)
def test_other_tags_at_its_registration_do_not_matter(tags: dict[str, str | None] | None) -> None:
    """Only the opt-out tag counts."""
    assert isinstance(read_event(body(created(tags=tags)), EVERY_VERSION), DeployRequest)


COPIED = {"hokus.deployment_id": "d-1", "hokus.status": "deployed"}


@pytest.mark.parametrize(
    ("policy", "tags"),
    [(EVERY_VERSION, {"hokus.deploy": "false"}), (DeployPolicy("champion"), {})],
)
def test_a_copy_that_is_not_deployed_is_a_change(
    policy: DeployPolicy, tags: dict[str, str]
) -> None:
    """Its tags say of it what is true of its source, until the reconciler has looked."""
    event = read_event(body(created(tags={**COPIED, **tags})), policy)

    assert Changed("sales lead") == event


@pytest.mark.parametrize(
    ("source", "expected"),
    [("models:/sales lead/3", Changed), ("models:/m-0a1b2c", Ignored), ("s3://b/1/m", Ignored)],
)
def test_an_opt_out_that_a_copy_inherited_is_a_change(source: str, expected: type[Any]) -> None:
    """Nobody set it on the copy: the reconciler says where it is from. Its source may never have
    been deployed, and then has no tag of ours."""
    tags = {"hokus.deploy": "false"}

    event = read_event(body(created(tags=tags) | {"source": source}), EVERY_VERSION)

    assert isinstance(event, expected)


def test_a_copy_is_requested_like_any_version() -> None:
    """The workflow's first step puts its tags right."""
    event = read_event(body(created(tags=COPIED)), EVERY_VERSION)

    assert isinstance(event, DeployRequest)


def test_setting_the_deciding_alias_requests_its_version() -> None:
    """The request also notes the version that the registry names now."""
    expected = DeployRequest(
        model_id="sales lead", model_version="3", requested_at=MOMENT, registry_version="3"
    )

    assert expected == read_event(body(alias(), entity="model_version_alias"), CHAMPION)


def test_deleting_the_deciding_alias_is_a_change() -> None:
    """The version that it named must not serve any more."""
    data = {"name": "sales lead", "alias": "champion"}

    event = read_event(body(data, entity="model_version_alias", action="deleted"), CHAMPION)

    assert Changed("sales lead") == event


@pytest.mark.parametrize("action", ["created", "deleted"])
@pytest.mark.parametrize(
    ("policy", "name"),
    [(EVERY_VERSION, "champion"), (CHAMPION, "challenger"), (CHAMPION, "Champion")],
)
def test_other_aliases_are_ignored(action: str, policy: DeployPolicy, name: str) -> None:
    """If every version is deployed, so are all aliases."""
    event = read_event(body(alias(name), entity="model_version_alias", action=action), policy)

    assert Ignored(f"The alias `{name}` does not decide what is deployed.") == event


@pytest.mark.parametrize("policy", BOTH, ids=str)
@pytest.mark.parametrize("action", ["set", "deleted"])
def test_opting_out_or_in_is_a_change(policy: DeployPolicy, action: str) -> None:
    """The reconciler decides what follows for the model."""
    data = tag("hokus.deploy")

    event = read_event(body(data, entity="model_version_tag", action=action), policy)

    assert Changed("sales lead") == event


@pytest.mark.parametrize("policy", BOTH, ids=str)
@pytest.mark.parametrize("action", ["set", "deleted"])
@pytest.mark.parametrize(
    "key",
    [
        "hokus.status",
        "hokus.url",
        "hokus.reason",
        "hokus.deployment_id",
        "Hokus.Deploy",
        "validation",
    ],
)
def test_other_tags_are_ignored(policy: DeployPolicy, action: str, key: str) -> None:
    """Including our own, so that writing them causes no further event."""
    event = read_event(body(tag(key), entity="model_version_tag", action=action), policy)

    assert Ignored(f"The tag {key} does not decide what is deployed.") == event


def test_a_long_name_is_shortened() -> None:
    """The reason is written to the log and the answer."""
    of_tag = read_event(body(tag("k" * 5000), entity="model_version_tag", action="set"), CHAMPION)
    of_alias = read_event(body(alias("a" * 5000), entity="model_version_alias"), CHAMPION)

    assert Ignored(f"The tag {'k' * 100} does not decide what is deployed.") == of_tag
    assert Ignored(f"The alias `{'a' * 100}` does not decide what is deployed.") == of_alias


@pytest.mark.parametrize("policy", BOTH, ids=str)
@pytest.mark.parametrize(
    ("entity", "action", "data"),
    [
        ("registered_model", "created", RegisteredModelCreatedPayload.example()),
        ("model_version", "created", ModelVersionCreatedPayload.example()),
        ("model_version_tag", "set", ModelVersionTagSetPayload.example()),
        ("model_version_tag", "deleted", ModelVersionTagDeletedPayload.example()),
        ("model_version_alias", "created", ModelVersionAliasCreatedPayload.example()),
        ("model_version_alias", "deleted", ModelVersionAliasDeletedPayload.example()),
    ],
)
def test_mlflows_test_events_are_ignored(
    policy: DeployPolicy, entity: str, action: str, data: Any
) -> None:
    """`MlflowClient.test_webhook` sends examples that look real."""
    event = read_event(body(dict(data), entity=entity, action=action), policy)

    assert isinstance(event, Ignored)


def test_a_real_model_with_the_examples_name_is_requested() -> None:
    """Only an event that equals the whole example is the example."""
    event = read_event(body(created(name="example_model", version="1")), EVERY_VERSION)

    assert isinstance(event, DeployRequest)


@pytest.mark.parametrize(
    ("entity", "action"),
    [("registered_model", "created"), ("prompt_version", "created"), ("model_version", "aged")],
)
def test_other_events_are_ignored_by_name(entity: str, action: str) -> None:
    """The reason names the event; its data is not read."""
    event = read_event(body({"what": "ever"}, entity=entity, action=action), EVERY_VERSION)

    assert Ignored(f"{entity}.{action} is not acted on.") == event


def test_unknown_fields_of_an_event_are_ignored() -> None:
    """MLflow adds a workspace if workspaces are enabled, and may add more."""
    event = body(created(new_in_mlflow_4=[1]), workspace="default")

    assert isinstance(read_event(event, EVERY_VERSION), DeployRequest)


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"name=x"])
def test_malformed_json_is_refused(raw: bytes) -> None:
    """With 400, so that MLflow does not retry."""
    with pytest.raises(InvalidJsonError):
        read_event(raw, CHAMPION)


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
        body(alias(version="latest"), entity="model_version_alias"),
        body(alias(name="x" * 257), entity="model_version_alias"),
        body({"name": "sales lead", "version": "3"}, entity="model_version_alias"),
        body({"name": "sales lead"}, entity="model_version_alias", action="deleted"),
        body(tag("hokus.deploy", version=None), entity="model_version_tag", action="set"),
        body({"name": "sales lead"}, entity="model_version_tag", action="deleted"),
        body(created(), timestamp="2026-11-22T19:48:19"),
        body(created(), timestamp="yesterday"),
    ],
)
def test_an_invalid_event_is_refused(raw: bytes) -> None:
    """The message names the field and never repeats its value."""
    with pytest.raises(InvalidRequestError) as refused:
        read_event(raw, CHAMPION)

    assert "yesterday" not in refused.value.detail
