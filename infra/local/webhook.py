"""The registry's webhook, which calls the service."""

from mlflow import MlflowClient

from infra.local.system import LocalSystem


def register_webhook(system: LocalSystem) -> None:
    """Register the webhook in MLflow, for new versions, tags and aliases."""
    MlflowClient(system.mlflow_url).create_webhook(
        name="hokus-model-serving",
        url=system.webhook_url,
        events=[
            "model_version.created",
            "model_version_tag.set",
            "model_version_tag.deleted",
            "model_version_alias.created",
            "model_version_alias.deleted",
        ],
        secret=system.webhook_secret,
    )
