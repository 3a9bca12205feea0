"""The tasks as they are put together for Lambda, with AWS made up by moto."""

from collections.abc import Iterator

import boto3
import mlflow
import pytest
from moto import mock_aws

from functions.common.settings import SettingsError
from functions.provision import composition
from functions.provision.settings import ProvisionSettings, RegistrySettings

ROOTS = ("settings", "store", "secret_values", "control", "inference")


def forget() -> None:
    for name in ROOTS:
        getattr(composition, name).cache_clear()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What the CDK app sets, and the secrets that it names."""
    with mock_aws():
        made = boto3.client("secretsmanager")
        token = made.create_secret(Name="token", SecretString="hf_test")["ARN"]
        credentials = made.create_secret(Name="mlflow", SecretString='{"token": "t"}')["ARN"]
        monkeypatch.setenv("TABLE_NAME", "deployed_models")
        monkeypatch.setenv("HUGGINGFACE_NAMESPACE", "acme")
        monkeypatch.setenv("HUGGINGFACE_TOKEN_SECRET", token)
        monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
        monkeypatch.setenv("MLFLOW_CREDENTIALS_SECRET", credentials)
        for name in ("USERNAME", "PASSWORD", "TOKEN"):
            monkeypatch.setenv(f"MLFLOW_TRACKING_{name}", "")
        before = mlflow.get_tracking_uri()
        forget()
        yield
        forget()
        mlflow.set_tracking_uri(before)


@pytest.mark.parametrize(
    "root",
    [
        "validation",
        "packaging",
        "creation",
        "readiness",
        "proving",
        "activation",
        "retirement",
        "cleaning",
    ],
)
def test_every_task_can_be_put_together(root: str) -> None:
    """From the variables and secrets alone; nothing is called yet."""
    assert getattr(composition, root)()


def test_the_token_is_read_from_its_secret() -> None:
    """At the time of use, so that a rotated one is seen."""
    assert "hf_test" == composition.token()


@pytest.mark.parametrize(("replicas", "minutes"), [("1", None), ("0", 15)])
def test_an_endpoint_sleeps_only_without_minimum_replicas(
    monkeypatch: pytest.MonkeyPatch, replicas: str, minutes: int | None
) -> None:
    """The time-out means nothing to Hugging Face otherwise."""
    monkeypatch.setenv("MIN_REPLICAS", replicas)

    assert minutes == composition.creation().hardware.scale_to_zero_after_min


def test_every_secret_of_an_endpoint_is_its_own() -> None:
    """And long enough that nobody guesses it."""
    new_secret = composition.creation().new_secret

    first, second = new_secret(), new_secret()

    assert first != second
    assert len(first) >= 43


def test_settings_tell_all_faults_at_once() -> None:
    """By the variables' names."""
    with pytest.raises(SettingsError) as raised:
        ProvisionSettings.from_env({"SCALE_TO_ZERO_AFTER_MIN": "1", "ENDPOINT_DEADLINE_S": "0"})

    for name in ("TABLE_NAME", "SCALE_TO_ZERO_AFTER_MIN", "ENDPOINT_DEADLINE_S"):
        assert name in str(raised.value)


@pytest.mark.parametrize("model", [ProvisionSettings, RegistrySettings])
def test_every_setting_is_described(model: type[ProvisionSettings]) -> None:
    """The README's table is made of it."""
    assert all(field.description for field in model.model_fields.values())
