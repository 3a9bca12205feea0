"""Which addresses of model files are read: the tracking server's own, and one bucket's."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import mlflow
import pytest
from mlflow import MlflowClient
from moto import mock_aws

from functions.provision.registry.artifact_sources import ArtifactSources
from functions.provision.registry.base import FilesRefusedError
from functions.provision.registry.credentials import Credentials
from functions.provision.registry.mlflow_registry import MlflowModelRegistry
from tests.mlflow_database import new_database
from tests.unit.provision.flavors import quietly, save_sklearn_tensor

SERVER = "https://registry.hokus.ai/api/mlflow"
SOURCES = ArtifactSources(tracking_uri=SERVER, bucket="artifacts")
BUCKETLESS = ArtifactSources(tracking_uri=SERVER)


@pytest.mark.parametrize(
    "address",
    [
        "mlflow-artifacts:/1/models/m-1/artifacts",
        "mlflow-artifacts://registry.hokus.ai/1/models/m-1/artifacts",
        "mlflow-artifacts://registry.hokus.ai:443/1/models/m-1/artifacts",
        f"{SERVER}/api/2.0/mlflow-artifacts/artifacts/1/models/m-1",
        "https://Registry.Hokus.ai:443/api/mlflow/api/2.0/mlflow-artifacts/artifacts/1/m-1",
        "s3://artifacts/1/models/m-1/artifacts",
    ],
)
def test_files_of_the_server_and_of_the_bucket_are_read(address: str):
    assert SOURCES.fault(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "mlflow-artifacts://elsewhere.example/1",
        "mlflow-artifacts://registry.hokus.ai:8443/1",
        "mlflow-artifacts://registry.hokus.ai:http/1",
        "mlflow-artifacts://registry.hokus.ai?/1",
        "mlflow-artifacts://user@registry.hokus.ai/1",
        "http://registry.hokus.ai/api/mlflow/api/2.0/mlflow-artifacts/artifacts/1",
        "https://registry.hokus.ai/api/2.0/mlflow-artifacts/artifacts/1",
        "https://registry.hokus.ai:80/api/mlflow/api/2.0/mlflow-artifacts/artifacts/1",
        "https://user@registry.hokus.ai/api/mlflow/api/2.0/mlflow-artifacts/artifacts/1",
        f"{SERVER}/api/2.0/mlflow-artifacts/artifacts/../../secrets",
        f"{SERVER}.elsewhere.example/api/2.0/mlflow-artifacts/artifacts/1",
        f"{SERVER}/api/2.0/mlflow/users",
        "http://169.254.169.254/latest/meta-data",
        "https://elsewhere.example/model",
        "ftp://elsewhere.example/model",
        "gs://artifacts/1",
        "s3://another/1",
        "s3://artifacts.another/1",
        "s3:///1",
        "s3://artifacts",
        "s3://artifacts//",
        "mlflow-artifacts:",
        "mlflow-artifacts:/",
        "mlflow-artifacts://registry.hokus.ai/",
        f"{SERVER}/api/2.0/mlflow-artifacts/artifacts/",
        "mlflow-artifacts:/1/%2e%2e/2",
        "mlflow-artifacts:/1/../2",
        "runs:/1/model",
        "file:///etc",
        "/etc",
        "etc",
        "models:/m-1",
        "",
    ],
)
def test_nothing_else_is_read(address: str):
    assert SOURCES.fault(address)
    assert BUCKETLESS.fault(address)


def test_a_bucket_without_the_setting_is_refused_with_the_setting():
    fault = BUCKETLESS.fault("s3://artifacts/1/models/m-1/artifacts")
    assert fault is not None
    assert "-c artifact_bucket=artifacts" in fault


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("s3://artifacts", "the whole S3 bucket artifacts"),
        ("s3://another/1", "only the bucket artifacts: deploy it with -c artifact_bucket=another"),
        ("gs://bucket/1?token=x", "at gs://bucket, which"),
        ("wasbs://account@store.example/1", "at wasbs://store.example, which"),
        ("dbfs:/models/1", "at dbfs:, which"),
        ("C:\\models\\1", "at a path of another machine"),
        ("./model", "at a path of another machine"),
        ("runs:/1/model", "mlflow.register_model"),
    ],
)
def test_a_refusal_says_what_is_wrong(address: str, words: str):
    """And quotes nothing that may be secret."""
    assert words in str(SOURCES.fault(address))


@pytest.fixture
def bucket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket with a model, registered as version 1 of `iris`."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    before = mlflow.get_tracking_uri()
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="artifacts")
        quietly(save_sklearn_tensor, tmp_path / "model")
        for path in (tmp_path / "model").rglob("*"):
            if path.is_file():
                key = f"1/m/{path.relative_to(tmp_path / 'model').as_posix()}"
                s3.upload_file(str(path), "artifacts", key)
        yield "artifacts"
    mlflow.set_tracking_uri(before)


def registry_of(home: Path, sources: ArtifactSources) -> MlflowModelRegistry:
    return MlflowModelRegistry(new_database(home), Credentials(), open_files=sources.open)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_model_in_the_bucket_is_described_and_downloaded(tmp_path: Path, bucket: str):
    registry = registry_of(tmp_path, SOURCES)
    client = MlflowClient()
    client.create_registered_model("iris")
    client.create_model_version("iris", f"s3://{bucket}/1/m")

    version = registry.version("iris", "1")
    assert version is not None
    assert "sklearn" in version.flavors
    registry.download("iris", "1", to=tmp_path / "to")
    assert (tmp_path / "to" / "MLmodel").is_file()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_without_the_setting_nothing_is_asked_of_the_bucket(tmp_path: Path, bucket: str):
    registry = registry_of(tmp_path, BUCKETLESS)
    client = MlflowClient()
    client.create_registered_model("iris")
    client.create_model_version("iris", f"s3://{bucket}/1/m")

    with pytest.raises(FilesRefusedError, match="artifact_bucket=artifacts"):
        registry.version("iris", "1")
    with pytest.raises(FilesRefusedError, match="artifact_bucket=artifacts"):
        registry.download("iris", "1", to=tmp_path / "to")
