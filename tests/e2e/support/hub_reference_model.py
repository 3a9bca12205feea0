"""A transformers model that MLflow knows only by reference: its files stay in a Hub repository.

The MLmodel file is written by hand, because logging one takes transformers and torch (3 GB).
"""

import json
from pathlib import Path
from uuid import uuid4

import mlflow
import yaml
from huggingface_hub import CommitOperationAdd, HfApi
from mlflow import MlflowClient

from infra.local.system import LocalSystem

NAMESPACE = "hokus"
# Stands for the pipeline: the stand-in runs a repository's own handler.
HANDLER = """
class EndpointHandler:
    def __init__(self, path=""):
        pass

    def __call__(self, data):
        texts = data["inputs"]
        return [{"label": "GOOD" if "good" in text else "BAD", "score": 1.0} for text in texts]
"""
EXAMPLE = {"inputs": ["a good day", "a bad day"]}
PREDICTIONS = [{"label": "GOOD", "score": 1.0}, {"label": "BAD", "score": 1.0}]


def publish(system: LocalSystem) -> tuple[str, str]:
    """Publish a text classifier on the Hub; return its repository and commit."""
    hub = HfApi(endpoint=system.huggingface_url, token=system.huggingface_token)
    repository = f"{NAMESPACE}/moods-{uuid4().hex[:8]}"
    hub.create_repo(repository)
    added = CommitOperationAdd("handler.py", HANDLER.encode())
    commit = hub.create_commit(repository, [added], commit_message="A classifier")
    return repository, str(commit.oid)


def register(name: str, repository: str, folder: Path) -> str:
    """Register a reference to the branch `main` of *repository*; return the version."""
    _write_model(folder, repository)
    with mlflow.start_run() as run:
        mlflow.log_artifacts(str(folder), "model")
    client = MlflowClient()
    client.create_registered_model(name)
    source = f"{run.info.artifact_uri}/model"
    return str(client.create_model_version(name, source, run.info.run_id).version)


def _write_model(folder: Path, repository: str) -> None:
    reference = {"source_model_name": repository, "source_model_revision": "main"}
    text, label = '[{"type": "string", "required": true}]', '[{"type": "string", "required": true}]'
    description = {
        "flavors": {
            "python_function": {"loader_module": "mlflow.transformers", "python_version": "3.12.3"},
            "transformers": {**reference, "task": "text-classification"},
        },
        "signature": {"inputs": text, "outputs": label, "params": None},
        "saved_input_example_info": {"serving_input_path": "serving_input_example.json"},
    }
    (folder / "MLmodel").write_text(yaml.safe_dump(description))
    (folder / "serving_input_example.json").write_text(json.dumps(EXAMPLE))
    (folder / "requirements.txt").write_text("transformers==5.9.0\n")
