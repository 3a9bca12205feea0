"""The registry of providers: one line each."""

from pathlib import Path
from typing import Any

import pytest

from functions.common.deadline import Deadline
from functions.common.providers import registry
from functions.common.providers.base import EndpointSpec, EndpointState, Predictions
from functions.common.providers.huggingface.images import IMAGES
from functions.common.providers.provider import Provider, Runtime
from functions.common.signatures.body import RequestBody
from tests.builders import NOON, a_live_deployment, changed
from tests.fakes.model_registry import PACKAGES
from tests.fakes.provider import InMemoryProvider
from tests.fakes.provider.endpoints import STARTUP
from tests.fakes.secrets import FakeSecrets
from tests.unit.provision.endpoints import endpoint_of


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Provider:
    """A second provider: a folder and this line."""
    monkeypatch.setitem(registry.PROVIDERS, "in-memory", "tests.fakes.provider")
    return registry.provider("in-memory", secrets=FakeSecrets({}))


def test_a_second_provider_takes_one_line(provider: Provider, tmp_path: Path) -> None:
    """It provisions and predicts through the ports alone."""
    control, deployment = provider.control(), a_live_deployment()
    assert isinstance(control, InMemoryProvider().control().__class__)
    standing = endpoint_of(deployment)
    spec = EndpointSpec(
        name=standing.name,
        repository=f"{provider.namespace}/{standing.name}",
        revision="a" * 40,
        hardware=provider.hardware()[0],
        access="authenticated",
        tags=standing.tags,
        runtime=provider.runtime().name,
        python=provider.runtime().pythons[0],
    )

    assert EndpointState.STARTING is control.create(spec).state
    control.now = lambda: NOON + STARTUP
    described = control.describe(standing.name)

    assert described is not None
    assert EndpointState.RUNNING is described.state
    answer = provider.inference().invoke(
        changed(deployment, endpoint_name=standing.name),
        RequestBody.of({}),
        deadline=Deadline.after(1),
    )
    assert isinstance(answer, Predictions)
    target: dict[str, Any] = {"runtime": "in-memory", "python": "3.13"}
    assert 64 == len(provider.add_runtime(tmp_path, PACKAGES, **target).digest)
    hub = provider.model_hub()
    hub.upload(tmp_path / "model", spec.repository, at="model")
    assert hub.publish(tmp_path, spec.repository)
    assert "3.13" == provider.lock(PACKAGES, **target).python
    assert provider.prices().offers()


def test_hugging_face_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its token is read from the secret when it is used."""
    monkeypatch.setenv("HUGGINGFACE_NAMESPACE", "acme")
    monkeypatch.setenv("HUGGINGFACE_TOKEN_SECRET", "token")

    provider = registry.provider(secrets=FakeSecrets({}))

    assert "acme" == provider.namespace
    assert Runtime(name="container", pythons=tuple(IMAGES)) == provider.runtime()
    assert provider.control()
    assert provider.inference()
