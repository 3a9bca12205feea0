"""The log of what has failed is kept before its endpoint is deleted, and never keeps it alive."""

from typing import Any

import pytest

from functions.common.deployments.record import Status
from functions.common.providers.base import EndpointState, ProviderUnavailableError
from functions.provision.log_keeper import LogKeeper
from functions.provision.removal import Removal
from tests.builders import a_deployment, changed
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_logs import FakeEndpointLogs, FakeKeptLogs
from tests.unit.provision.endpoints import control_with, endpoint_of, name_of, with_endpoint

FAILED = changed(with_endpoint(a_deployment(status=Status.FAILED)), endpoint_secret="wxyz-0123")
NAME = name_of(FAILED)


class Removing:
    """A removal on fakes."""

    def __init__(self, deployment: Any = FAILED, **endpoint: Any) -> None:
        self.deployment = deployment
        self.control = control_with(
            endpoint_of(deployment, message="Exit code: 1.", **endpoint), slow_deletes=2
        )
        self.logs, self.kept = FakeEndpointLogs(), FakeKeptLogs()
        self.logs.logs[NAME] = "- t No module named torch, said wxyz-0123\n"
        self.store = FakeDeploymentStore(deployment)
        self.removal = Removal(
            store=self.store,
            control=self.control,
            namespace="acme",
            keep_log=LogKeeper(logs=self.logs, kept=self.kept).keep,
        )

    def remove(self) -> bool:
        return self.removal.remove(self.store.deployments[self.deployment.id])

    @property
    def text(self) -> str | None:
        found = self.kept.get("iris", self.deployment.id)
        return found.text if found else None


def test_the_log_of_a_failed_deployment_is_kept_once() -> None:
    """Without secrets; what an endpoint writes while it is deleted is not asked for."""
    removing = Removing()

    removing.remove()
    removing.logs.logs[NAME] = ""
    while not removing.remove():
        pass

    assert "- t No module named torch, said …\n" == removing.text
    assert {} == removing.control.endpoints


def test_the_log_of_an_endpoint_that_failed_while_it_served_is_kept() -> None:
    """Its deployment was replaced by one that works."""
    stopped = with_endpoint(a_deployment(status=Status.STOPPED))
    removing = Removing(stopped, state=EndpointState.FAILED)

    removing.remove()

    assert removing.text is not None


def test_the_log_of_what_was_merely_replaced_is_not_kept() -> None:
    """Nothing was wrong with it."""
    removing = Removing(with_endpoint(a_deployment(status=Status.STOPPED)))

    removing.remove()

    assert removing.text is None


@pytest.mark.parametrize("error", [None, ProviderUnavailableError("no answer")])
def test_without_a_log_the_providers_own_words_are_kept(
    error: ProviderUnavailableError | None,
) -> None:
    """They end with the log's last lines."""
    removing = Removing()
    removing.logs.logs, removing.logs.error = {}, error

    removing.remove()

    assert "Exit code: 1." == removing.text


def test_a_log_that_cannot_be_kept_does_not_keep_the_endpoint() -> None:
    """It is a help to people, and nothing depends on it."""
    removing = Removing()
    removing.kept.error = RuntimeError("throttled")

    while not removing.remove():
        pass

    assert ({}, None) == (removing.control.endpoints, removing.text)
