"""`ArtifactStore` with the files that it is created with."""

from collections.abc import Iterator, Mapping

from functions.provision.registry.artifacts import StoredFile

_CHUNK_BYTES = 64 * 1024


class FakeArtifactStore:
    """Has *files*, content by path. `stated` are sizes that it names instead of the true ones.

    `sent_bytes` counts what was read of them.
    """

    def __init__(self, files: Mapping[str, str | bytes], **stated: int | None) -> None:
        self._files = {
            path: content.encode() if isinstance(content, str) else content
            for path, content in files.items()
        }
        self._stated = stated
        self.sent_bytes = 0

    def files(self) -> Iterator[StoredFile]:
        for path, content in self._files.items():
            yield StoredFile(path, self._stated.get(path, len(content)))

    def chunks(self, path: str) -> Iterator[bytes]:
        content = self._files[path]
        for start in range(0, len(content), _CHUNK_BYTES):
            chunk = content[start : start + _CHUNK_BYTES]
            self.sent_bytes += len(chunk)
            yield chunk
