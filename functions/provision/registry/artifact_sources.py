"""Decides which files of the registry's may be read: a version's `source` may name any address.

Our credentials for MLflow go to the tracking server alone, and of all buckets only the one of the
settings is read.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

_PROXIED = "mlflow-artifacts"
_PROXIED_PATH = "/api/2.0/mlflow-artifacts/artifacts/"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactSources:
    """The places whose files are read.

    Attributes:
        tracking_uri: The tracking server, which hands out its artifacts.
        bucket: Bucket of S3 that the server may name instead: one that is set up with
            `--default-artifact-root=s3://…` does, also where it serves artifacts itself.
            Source: https://github.com/mlflow/mlflow/issues/10326
    """

    tracking_uri: str
    bucket: str = ""

    def fault(self, address: str) -> str | None:
        """Explain why files at *address* are not read; None when they may be."""
        parts = urlsplit(address)
        if parts.scheme == "s3":
            return None if self.bucket and parts.netloc == self.bucket else self._bucket(parts[1])
        if self._is_the_servers(address):
            return None
        where = f"{parts.scheme}://{parts.hostname}" if parts.hostname else "a path or other place"
        return (
            f"The version's files are at {where}, which this service does not read: it reads the "
            "artifacts of the MLflow server, and the bucket of its settings. Log the model to that "
            "server, and register it from there."
        )

    def _is_the_servers(self, address: str) -> bool:
        parts, server = urlsplit(address), urlsplit(self.tracking_uri)
        if parts.scheme == _PROXIED:
            return not parts.netloc or parts.netloc == server.netloc
        base = f"{self.tracking_uri.rstrip('/')}{_PROXIED_PATH}"
        return address.startswith(base) and ".." not in parts.path

    def _bucket(self, name: str) -> str:
        allowed = f"only the bucket {self.bucket}" if self.bucket else "no bucket"
        return (
            f"The version's files are in the S3 bucket {name}; this service may read {allowed}: "
            f"deploy it with -c artifact_bucket={name}, or have MLflow serve its artifacts itself."
        )
