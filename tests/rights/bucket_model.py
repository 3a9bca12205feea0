"""A model whose files are in a bucket (moto), in an MLflow of this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import mlflow
from mlflow import MlflowClient
from moto import mock_aws

from functions.provision.registry.artifact_sources import ArtifactSources
from functions.provision.registry.credentials import Credentials
from functions.provision.registry.mlflow_registry import MlflowModelRegistry
from tests.unit.provision.flavors import quietly, save_sklearn_tensor

BUCKET, MODEL = "artifacts", "iris"
SOURCE = f"s3://{BUCKET}/1/m"


def registry_in(folder: Path, *, bucket: str) -> MlflowModelRegistry:
    """Return the MLflow of *folder*; *bucket* is the setting."""
    address = f"sqlite:///{folder}/mlflow.db"
    sources = ArtifactSources(tracking_uri=address, bucket=bucket)
    return MlflowModelRegistry(address, Credentials(), open_files=sources.open)


@contextmanager
def model_in_bucket(folder: Path) -> Iterator[None]:
    """Have version 1 of the model registered in the MLflow of *folder*, with its files in S3."""
    before = mlflow.get_tracking_uri()
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET)
        quietly(save_sklearn_tensor, folder / "model")
        for path in (folder / "model").rglob("*"):
            if path.is_file():
                key = f"1/m/{path.relative_to(folder / 'model').as_posix()}"
                s3.upload_file(str(path), BUCKET, key)
        registry_in(folder, bucket=BUCKET)
        client = MlflowClient()
        client.create_registered_model(MODEL)
        client.create_model_version(MODEL, SOURCE)
        yield
    mlflow.set_tracking_uri(before)
