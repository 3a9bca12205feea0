"""Models run as they were asked to run: our server on their own Python, or Hugging Face's toolkit.

Given a provider whose machines have 96 cores, when a model is deployed on an instance with one,
then its numeric libraries start one thread. When the provider drops the command that was asked for,
then the deployment fails and says so. When new models are to run in the toolkit, then a model goes
live there as well.
"""

from uuid import uuid4

import pytest

from infra.local.processes import wait_for
from infra.local.system import LocalSystem
from standins.huggingface.environments import TOOLKIT_PYTHON
from standins.huggingface.interpreters import find_interpreter
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.doubling_model import register_version
from tests.e2e.support.lambda_functions import TASKS, LambdaFunctions
from tests.e2e.support.logged_models import LoggedModels
from tests.e2e.support.provider_console import ProviderConsole

BODY = {"dataframe_records": [{"x": 1.0}]}


@pytest.fixture
def name() -> str:
    """A new model's name."""
    return f"container-{uuid4().hex[:6]}"


@pytest.mark.concurrent
def test_a_model_starts_as_many_threads_as_its_instance_has_cpus(
    client: ApiClient, provider: ProviderConsole, logged_models: LoggedModels
) -> None:
    """Though it sees all cores of the host."""
    name = f"container-{uuid4().hex[:6]}"
    provider.plan_start(name, host_cores=96)

    deployment = client.wait_until_live(name, register_version(name, logged_models.container))

    (endpoint,) = client.endpoints_of(deployment)
    described = provider.describe(endpoint)
    assert described is not None
    assert "custom" in described["model"]["image"]
    assert "x1" == described["compute"]["instanceSize"]
    assert [[96.0, 1.0]] == client.predict(name, BODY).json()["predictions"]


def test_a_provider_that_drops_the_command_is_noticed(
    client: ApiClient, provider: ProviderConsole, logged_models: LoggedModels, name: str
) -> None:
    """The deployment fails with what differs, and its endpoint is deleted."""
    provider.plan_start(name, echo={"model": {"command": None}})

    failed = client.wait_until_ended(name, register_version(name, logged_models.container))

    assert "failed" == failed["status"]
    assert "not as asked for" in failed["reason"]
    assert "`sh /repository/hokus/start.sh`, got nothing" in failed["reason"]
    assert wait_for(lambda: not client.endpoints_of(failed), timeout_s=60)


@pytest.mark.alone
@pytest.mark.skipif(not find_interpreter(TOOLKIT_PYTHON), reason=f"no CPython {TOOLKIT_PYTHON}")
def test_a_model_goes_live_in_the_toolkit(
    system: LocalSystem,
    client: ApiClient,
    provider: ProviderConsole,
    logged_models: LoggedModels,
    name: str,
) -> None:
    """When the setting says so; it starts no more threads there."""
    provider.plan_start(name, host_cores=96)
    toolkit = {"ENDPOINT_RUNTIME": "toolkit"}
    with LambdaFunctions(system).reconfigured({f"{TASKS}validate": toolkit}):
        version = register_version(name, logged_models.container)
        deployment = client.wait_until_live(name, version)

    (endpoint,) = client.endpoints_of(deployment)
    described = provider.describe(endpoint)
    assert described is not None
    assert {"huggingface": {}} == described["model"]["image"]
    assert [[96.0, 1.0]] == client.predict(name, BODY).json()["predictions"]
