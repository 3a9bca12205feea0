"""A model that is renamed in MLflow goes on serving, and a copied version is a model of its own.

Given a model that serves while somebody calls it, when it is renamed, of which MLflow reports
nothing, then a reconciliation moves its endpoint to the new name, and at every moment one of the
two names answers. Given a copied version, when MLflow has given it its source's tags, then ours are
put right and an inherited opt-out says where it is from.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any
from uuid import uuid4

import httpx
import pytest

from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.doubling_model import BODY, DOUBLED
from tests.e2e.support.followed_models import (
    Registry,
    assert_serves,
    reconcile,
    reconcile_all_models,
)
from tests.e2e.support.waiting import eventually

OPT_OUT = {"hokus.deploy": "false"}


@contextmanager
def calling_either(system: LocalSystem, *names: str) -> Iterator[list[str]]:
    """Call the first name, and the next one where it is not found, for as long as the block lasts.

    Yields: The names that answered, in their order; any other answer than the right one or a 404
    of one name stands there as its text.
    """
    answered: list[str] = []
    stop = Event()

    def call(client: ApiClient) -> str:
        for name in names:
            answer = client.predict(name, BODY)
            if answer.is_success and answer.json()["predictions"] == DOUBLED:
                return name
            if answer.status_code != httpx.codes.NOT_FOUND:
                return f"{name}: {answer.status_code} {answer.text}"
        return "nobody"

    def call_until_stopped() -> None:
        with ApiClient(system) as client:
            while not stop.wait(0.1):
                answered.append(call(client))

    with ThreadPoolExecutor(1) as pool:
        calling = pool.submit(call_until_stopped)
        try:
            yield answered
        finally:
            stop.set()
    calling.result()


@pytest.fixture
def renamed(registry: Registry, operator: ApiClient, model: str) -> Iterator[str]:
    """A new name for `model`, which gets its first name back afterwards."""
    name = f"renamed-{uuid4().hex[:6]}"
    yield name
    registry.mlflow.rename_registered_model(name, model)
    assert "Rename" in reconcile(operator, model)


@pytest.mark.alone
def test_the_endpoint_of_a_renamed_model_goes_over_to_its_new_name(
    system: LocalSystem,
    operator: ApiClient,
    registry: Registry,
    model: str,
    renamed: str,
) -> None:
    """Until then the old name serves; afterwards it is not found. No endpoint is created."""
    live = operator.serving_deployment(model)
    assert live is not None
    (endpoint,) = operator.endpoints_of(live)
    version = live["model_version"]

    # The new name again: it may have been renamed between the two calls.
    with calling_either(system, renamed, model, renamed) as answered:
        assert eventually(lambda: bool(answered))
        registry.mlflow.rename_registered_model(model, renamed)
        assert_serves(operator, model, version)
        assert 404 == operator.predict(renamed, BODY).status_code
        reconcile_all_models(system)
        assert_serves(operator, renamed, version)
        is_gone = eventually(lambda: operator.predict(model, BODY).status_code == 404)
        assert eventually(lambda: answered[-1] != model)

    assert is_gone
    assert {model, renamed} == set(answered), answered
    assert sorted(answered, key=[model, renamed].index) == answered
    serving = operator.serving_deployment(renamed)
    assert serving is not None
    assert [endpoint] == operator.endpoints_of(live)
    assert [] == operator.endpoints_of(serving)
    assert eventually(lambda: serving["id"] == registry.tags(renamed, version)["deployment_id"])
    assert f"/models/{renamed}/predict" in registry.tags(renamed, version)["url"]


def test_an_opted_out_copy_says_where_it_is_from(registry: Registry) -> None:
    """Nobody set the tag on the copy, and nothing would explain why it does not serve."""
    source, copy = f"source-{uuid4().hex[:6]}", f"copy-{uuid4().hex[:6]}"
    registry.register(source, tags=OPT_OUT)
    registry.mlflow.copy_model_version(f"models:/{source}/1", copy)

    inherited = f"It was copied from models:/{source}/1 with its tags"
    assert eventually(lambda: inherited in registry.tags(copy, "1").get("reason", ""))
    assert {"deploy", "reason"} == registry.tags(copy, "1").keys()


def test_a_copy_of_a_model_that_serves_has_tags_of_its_own(
    operator: ApiClient, registry: Registry, model: str, live: dict[str, Any]
) -> None:
    """It is deployed like any other; the tags that it came with name the source's address."""
    version, copy = live["model_version"], f"copy-{uuid4().hex[:6]}"
    assert eventually(lambda: registry.tags(model, version).get("status") == "deployed")
    registry.mlflow.copy_model_version(f"models:/{model}/{version}", copy)

    def has_its_own() -> bool:
        tags = registry.tags(copy, "1")
        return tags.get("deployment_id") not in {None, live["id"]} and "url" not in tags

    assert eventually(has_its_own)
    assert registry.tags(model, version)["deployment_id"] == live["id"]
    operator.undeploy(copy).raise_for_status()
