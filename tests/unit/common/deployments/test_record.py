"""The deployment record: typed changes, flat storage, hidden secret."""

from collections.abc import Callable
from dataclasses import fields, replace

import pytest

from functions.common.deployments.item_size import Item
from functions.common.deployments.items import (
    ATTRIBUTES,
    deployment_item,
    deployment_of,
    live_item,
)
from functions.common.deployments.record import HUB_RUNTIME, Deployment, Status
from tests.builders import NOON, a_deployment, a_live_deployment


def test_a_change_names_a_field_that_exists() -> None:
    """mypy refuses another one too: it would report these comments as unused."""
    deployment = a_deployment()

    with pytest.raises(TypeError):
        replace(deployment, endpoint_url="https://x")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        replace(deployment.endpoint, address="https://x")  # type: ignore[call-arg]


def test_every_stored_attribute_belongs_to_one_field() -> None:
    """The parts of a record share one flat item."""
    own = [each.name for each in fields(Deployment) if each.name not in ATTRIBUTES]
    stored = own + [name for attributes in ATTRIBUTES.values() for name in attributes.values()]

    assert sorted(set(stored)) == sorted(stored)


def test_the_secret_is_in_no_representation() -> None:
    """Logs and assertion messages show records and their parts."""
    deployment = a_live_deployment()
    assert deployment.endpoint.secret

    for shown in (repr(deployment), str(deployment), repr(deployment.endpoint)):
        assert deployment.endpoint.secret not in shown


@pytest.mark.parametrize(
    ("stored", "runtime", "python"),
    [("handler", "toolkit", "3.11"), ("hub", HUB_RUNTIME, None), ("container", "container", None)],
)
@pytest.mark.parametrize("item_of", [deployment_item, live_item])
def test_items_from_before_there_were_runtimes_are_read(
    item_of: Callable[[Deployment], Item], stored: str, runtime: str, python: str | None
) -> None:
    """What was called `handler` then is the toolkit's."""
    item = item_of(a_live_deployment(runtime="any")) | {"runtime": {"S": stored}}

    package = deployment_of(item).package

    assert (runtime, python) == (package.runtime, package.python)
    assert package.is_hub_source is (stored == "hub")


@pytest.mark.parametrize("outcome", ["superseded", "being tried again: no answer", "activated"])
def test_only_what_went_live_was_taken_back(outcome: str) -> None:
    """An activation that broke off or came too late, before the workflow failed, is none."""
    failed = a_deployment(status=Status.FAILED)

    failed = replace(failed, timeline=failed.timeline_with("activate", outcome, at=NOON))

    assert (outcome == "activated") == failed.was_taken_back
    assert (outcome == "activated") == any(each.begins_to_serve for each in failed.timeline)
