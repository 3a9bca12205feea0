"""Decides which files of the registry's may be read: a version's `source` may name any address.

Our credentials for MLflow go to the tracking server alone, and of all buckets only the one of the
settings is read.
"""

from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from functions.provision.registry.artifacts import ArtifactStore
from functions.provision.registry.base import FilesRefusedError

_PROXIED = "mlflow-artifacts:"
_PROXIED_PATH = "/api/2.0/mlflow-artifacts/artifacts/"
_S3 = "s3://"
_REFERENCES = ("runs:", "models:")
_PORTS = {"http": 80, "https": 443}
_SHOWN_CHARACTERS = 100


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

    def open(self, address: str) -> ArtifactStore:
        """Return the files at *address*.

        Raises: FilesRefusedError (they may not be read).
        """
        if fault := self.fault(address):
            raise FilesRefusedError(fault)
        # Each is imported on demand: mlflow and boto3's S3 take their time.
        if address.startswith(_S3):
            from functions.provision.registry.bucket import BucketStore  # noqa: PLC0415

            return BucketStore(self.bucket, address.removeprefix(f"{_S3}{self.bucket}/").strip("/"))
        from functions.provision.registry.tracking_server import (  # noqa: PLC0415
            TrackingServerStore,
        )

        return TrackingServerStore(self.tracking_uri, self._root_on_server(address) or "")

    def fault(self, address: str) -> str | None:
        """Explain why files at *address* are not read; None when they may be."""
        if address.startswith(_S3):
            bucket, _, key = address.removeprefix(_S3).partition("/")
            is_ours = self.bucket and bucket == self.bucket and key.strip("/")
            return None if is_ours else self._bucket(bucket)
        if address.startswith(_REFERENCES):
            return (
                "The version was registered with a reference that only MLflow's client resolves. "
                "Register it with mlflow.register_model, which does so."
            )
        root = self._root_on_server(address)
        # Without a path it would be everybody's files.
        if root and ".." not in unquote(root).split("/"):
            return None
        return (
            f"The version's files are at {_place(address)}, which this service does not read: it "
            "reads the artifacts of the MLflow server, and the bucket of its settings. Log the "
            "model to that server, and register it from there."
        )

    def _root_on_server(self, address: str) -> str | None:
        """Return the path among the server's artifacts; None for any other address."""
        if address.startswith(_PROXIED):
            path = address.removeprefix(_PROXIED)
            if not path.startswith("//"):
                return path.strip("/")
            host, _, path = path.removeprefix("//").partition("/")
            return path.strip("/") if self._is_server(host) else None
        server = urlsplit(self.tracking_uri)
        scheme, _, rest = address.partition("://")
        host, slash, path = rest.partition("/")
        base = f"{server.path.rstrip('/')}{_PROXIED_PATH}"
        if scheme != server.scheme or not self._is_server(host):
            return None
        whole = slash + path
        return whole.removeprefix(base).strip("/") if whole.startswith(base) else None

    def _is_server(self, host: str) -> bool:
        """Return whether *host*, perhaps with a port, is the server's; the scheme's own port need
        not be there."""
        server = urlsplit(self.tracking_uri)
        try:
            other = urlsplit(f"{server.scheme}://{host}")
            is_same = _host_and_port(other) == _host_and_port(server)
        except ValueError:
            return False
        return is_same and other.netloc == host and "@" not in host

    def _bucket(self, name: str) -> str:
        name = name[:_SHOWN_CHARACTERS]
        if name and name == self.bucket:
            return (
                f"The version's source is the whole S3 bucket {name}, and no model's folder in it."
            )
        allowed = f"only the bucket {self.bucket}" if self.bucket else "no bucket"
        return (
            f"The version's files are in the S3 bucket {name}; this service may read {allowed}: "
            f"deploy it with -c artifact_bucket={name}, or have MLflow serve its artifacts itself."
        )


def _host_and_port(parts: SplitResult) -> tuple[str | None, int | None]:
    """Raises: ValueError (its port is none)."""
    return parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _place(address: str) -> str:
    """Return scheme and host of *address*, without what may be secret in it."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return "an address that is none"
    if len(parts.scheme) <= 1:  # also a drive of Windows
        return "a path of another machine"
    return f"{parts.scheme}:{f'//{host}' if host else ''}"[:_SHOWN_CHARACTERS]
