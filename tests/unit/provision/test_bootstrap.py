"""The tasks as they are put together for Lambda, with AWS made up by moto."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import mlflow
import pytest
from moto import mock_aws
from msgspec.structs import fields

from functions.common.providers.huggingface.provider import HuggingFace
from functions.common.settings import SettingsError, meta
from functions.provision import bootstrap
from functions.provision.compatibility.platform import Incompatibility
from functions.provision.names import installation_tag
from functions.provision.settings import (
    ProvisionSettings,
    ReconcileSettings,
    RegistrySettings,
)
from tests.builders import a_deployment
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.model_registry import a_version
from tests.fakes.price_list import FakePriceList, an_offer
from tests.unit.provision.endpoints import INSTALLATION, endpoint_of, name_of

MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:provision"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment variables that the CDK app sets, and the secrets that they name."""
    with mock_aws():
        made = boto3.client("secretsmanager")
        token = made.create_secret(Name="token", SecretString="hf_test")["ARN"]
        credentials = made.create_secret(Name="mlflow", SecretString='{"token": "t"}')["ARN"]
        monkeypatch.setenv("TABLE_NAME", "deployed_models")
        monkeypatch.setenv("STATE_TABLE_NAME", "serving_state")
        monkeypatch.setenv("INSTALLATION", INSTALLATION)
        monkeypatch.setenv("API_URL", "https://api.test/api/v1")
        monkeypatch.setenv("STATE_MACHINE_ARN", MACHINE)
        monkeypatch.setenv("EVENT_BUS", "events")
        monkeypatch.setenv("RETIRE_AFTER_S", "40")
        monkeypatch.setenv("HUGGINGFACE_NAMESPACE", "acme")
        monkeypatch.setenv("HUGGINGFACE_TOKEN_SECRET", token)
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
        monkeypatch.setenv("MLFLOW_CREDENTIALS_SECRET", credentials)
        for name in ("USERNAME", "PASSWORD", "TOKEN"):
            monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", "")
        before = mlflow.get_tracking_uri()
        yield
        bootstrap.workflow_tasks.cache_clear()
        bootstrap.reconciler_parts.cache_clear()
        mlflow.set_tracking_uri(before)


@pytest.mark.parametrize(
    "root",
    [
        "validation",
        "packaging",
        "creation",
        "readiness",
        "smoke_test",
        "retirement",
        "cleaning",
    ],
)
def test_every_task_can_be_created(root: str) -> None:
    """From the variables and secrets alone, without a call."""
    assert getattr(bootstrap.workflow_tasks(), root)()


def test_the_token_is_read_from_its_secret() -> None:
    """When it is used, so that a rotated token is found."""
    provider: Any = bootstrap.workflow_tasks().ports.provider

    assert "hf_test" == provider.token()


def test_every_endpoint_has_a_secret_of_its_own() -> None:
    """Long enough that it cannot be guessed."""
    new_secret = bootstrap.workflow_tasks().packaging().new_secret

    first, second = new_secret(), new_secret()

    assert first != second
    assert len(first) >= 43


@pytest.mark.parametrize(("variable", "alias"), [("", None), (" champion ", "champion")])
def test_validation_and_reconciliation_follow_the_same_policy(
    monkeypatch: pytest.MonkeyPatch, variable: str, alias: str | None
) -> None:
    """Otherwise they would undo each other's work forever."""
    monkeypatch.setenv("DEPLOY_ALIAS", variable)

    assert alias == bootstrap.workflow_tasks().validation().policy.alias
    assert alias == bootstrap.reconciler().planner.policy.alias


def test_the_reconciler_has_the_tasks_settings() -> None:
    """The budget's endpoints are its endpoints, its pause is the workflow's."""
    made, creation = bootstrap.reconciler(), bootstrap.workflow_tasks().creation()

    assert installation_tag(INSTALLATION) == creation.budget.tag
    assert (INSTALLATION, INSTALLATION) == (
        made.observer.installation,
        creation.installation,
    )
    assert timedelta(seconds=40) == made.planner.retire_after
    assert "https://api.test/api/v1" == made.planner.api_url
    assert MACHINE.replace(
        "stateMachine", "execution"
    ) + ":d-2" == made.observer.workflow.execution_arn("d", run=2)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> FakeEndpointControl:
    """Answers to the validation's questions about hardware and endpoints."""
    control, prices = FakeEndpointControl(), FakePriceList(an_offer())
    monkeypatch.setattr(HuggingFace, "control", lambda _self: control)
    monkeypatch.setattr(HuggingFace, "prices", lambda _self: prices)
    return control


def reasons(**changes: Any) -> list[Incompatibility]:
    checks, version = bootstrap.workflow_tasks().validation().checks, a_version(**changes)
    return checks.check(a_deployment(), version, checks.requested_hardware(version)).reasons


@pytest.mark.usefixtures("provider")
def test_a_compatible_version_is_valid() -> None:
    """With the default settings' hardware and Pythons."""
    assert [] == reasons(python_version="3.12.1")


@pytest.mark.usefixtures("provider")
def test_the_validation_uses_the_settings_runtime_and_hardware(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A model pickled by another Python has both incompatibilities."""
    monkeypatch.setenv("ENDPOINT_RUNTIME", "toolkit")
    monkeypatch.setenv("INSTANCE_SIZE", "x400")
    pickled = {"loader_module": "mlflow.pyfunc.model", "python_model": "python_model.pkl"}

    found = reasons(python_version="3.12.1", flavors={"python_function": pickled})

    assert any("Python 3.11" in reason.text for reason in found)
    assert any("x400" in reason.text for reason in found)


def test_a_spent_budget_is_an_incompatibility(
    monkeypatch: pytest.MonkeyPatch, provider: FakeEndpointControl
) -> None:
    """A temporary one, found before anything is uploaded."""
    monkeypatch.setenv("MAX_ENDPOINTS", "1")
    other = endpoint_of(a_deployment(model_version="2"))
    provider.endpoints[other.name] = other

    assert [True] == [reason.retryable for reason in reasons(python_version="3.12.1")]


def test_the_budget_counts_an_existing_endpoint_once(
    monkeypatch: pytest.MonkeyPatch, provider: FakeEndpointControl
) -> None:
    """A validation may run again after its deployment's endpoint was created."""
    monkeypatch.setenv("MAX_ENDPOINTS", "1")
    provider.endpoints[name_of(a_deployment())] = endpoint_of(a_deployment())

    assert [] == reasons(python_version="3.12.1")


def test_invalid_settings_are_reported_together() -> None:
    """By the variables' names."""
    with pytest.raises(SettingsError) as raised:
        ProvisionSettings.from_env({"MAX_ENDPOINTS": "0", "ENDPOINT_DEADLINE_S": "0"})

    for name in ("TABLE_NAME", "MAX_ENDPOINTS", "ENDPOINT_DEADLINE_S"):
        assert name in str(raised.value)


@pytest.mark.parametrize("model", [ProvisionSettings, RegistrySettings, ReconcileSettings])
def test_every_setting_is_described(model: type[ProvisionSettings]) -> None:
    """docs/settings.md is made from the descriptions."""
    assert all(meta(field).description for field in fields(model))
