"""`ArtifactStore` in a bucket of S3, which MLflow's clients read and write themselves."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.common import aws_clients
from functions.provision.registry.artifacts import StoredFile
from functions.provision.registry.base import FilesRefusedError, RegistryUnavailableError

_CHUNK_BYTES = 1024**2
_MISSING = {"NoSuchBucket", "NoSuchKey", "404", "InvalidBucketName", "InvalidObjectState"}
_DENIED = {
    "AccessDenied",
    "403",
    "AllAccessDisabled",
    "InvalidAccessKeyId",
    "KMS.DisabledException",
}


class BucketStore:
    """See `ArtifactStore`. *root* is the folder's key, without slashes at its ends."""

    def __init__(self, bucket: str, root: str, *, client: Any = None) -> None:
        self._client = client or aws_clients.artifacts()
        self._bucket = bucket
        self._prefix = f"{root}/" if root else ""

    def files(self) -> Iterator[StoredFile]:
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix
        )
        with _errors(self._bucket):
            for page in pages:
                for each in page.get("Contents", ()):
                    # An object whose key ends in a slash stands for a folder.
                    if not each["Key"].endswith("/"):
                        yield StoredFile(each["Key"].removeprefix(self._prefix), each["Size"])

    def chunks(self, path: str) -> Iterator[bytes]:
        with _errors(self._bucket):
            found = self._client.get_object(Bucket=self._bucket, Key=f"{self._prefix}{path}")
            yield from found["Body"].iter_chunks(_CHUNK_BYTES)


@contextmanager
def _errors(bucket: str) -> Iterator[None]:
    """Translate errors of S3.

    Raises: FilesRefusedError, RegistryUnavailableError.
    """
    try:
        yield
    except ClientError as error:
        stated = error.response["Error"]
        code, message = stated.get("Code", ""), stated.get("Message", "")
        words = f"S3 answered {code} for the version's files in the bucket {bucket}: {message}"
        if code in _MISSING:
            raise FilesRefusedError(f"{words} Log the model again, and register it.") from None
        if code in _DENIED:
            raise FilesRefusedError(
                f"{words} Let this service's functions read the bucket.", may_pass=True
            ) from None
        raise RegistryUnavailableError(words) from None
    except BotoCoreError as error:
        raise RegistryUnavailableError(f"S3 does not answer ({type(error).__name__}).") from None
