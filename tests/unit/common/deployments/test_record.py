"""The deployment record: typed changes, flat storage, hidden secret."""

from dataclasses import fields, replace

import pytest

from functions.common.deployments.items import ATTRIBUTES
from functions.common.deployments.record import Deployment
from tests.builders import a_deployment, a_live_deployment


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
