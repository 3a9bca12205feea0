"""Model repositories: contents on disk by their hash, commits that never change, one branch.

A commit holds its whole tree, so that a revision resolves to its files however far the branch has
moved on.
"""

import hashlib
import json
import shutil
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import uuid4

from standins.huggingface.endpoint import Clock
from standins.huggingface.errors import hub_error

MAIN = "main"
_GITATTRIBUTES = b"".join(
    f"*.{suffix} filter=lfs diff=lfs merge=lfs -text\n".encode()
    for suffix in ("bin", "onnx", "pkl", "safetensors")
)


@dataclass(frozen=True, slots=True)
class File:
    """One file of a commit.

    Attributes:
        blob_id: SHA-1 as git counts it; what the Hub calls `oid` of a regular file.
    """

    sha256: str
    blob_id: str
    size: int
    lfs: bool

    @property
    def etag(self) -> str:
        """Return the value by which clients recognize a file that they have."""
        return self.sha256 if self.lfs else self.blob_id


@dataclass(frozen=True, slots=True)
class Commit:
    """A state of all files; *tree* maps a path to its file."""

    parent: str | None
    created_ns: int
    tree: dict[str, File]


@dataclass(slots=True)
class Repository:
    """A model repository.

    Attributes:
        id: `namespace/name`.
        head: SHA of the newest commit of `main`; None before the first one.
    """

    id: str
    private: bool
    created_ns: int
    head: str | None = None
    commits: dict[str, Commit] = field(default_factory=dict)

    def sha(self, revision: str) -> str:
        """Return the SHA of `main` or of a commit. Raises: ApiError 404."""
        sha = self.head if revision == MAIN else revision
        if sha is None or sha not in self.commits:
            raise hub_error(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return sha


class HubStore:
    """All repositories; their contents are files below *folder*."""

    def __init__(self, folder: Path, now_ns: Clock) -> None:
        self._folder, self._now_ns = folder, now_ns
        self._repositories: dict[str, Repository] = {}

    def find(self, repo_id: str) -> Repository | None:
        """Return the repository; None when there is none of this name."""
        return self._repositories.get(repo_id)

    def get(self, repo_id: str) -> Repository:
        """Return the repository. Raises: ApiError 404."""
        repository = self.find(repo_id)
        if repository is None:
            raise hub_error(404, "Repository not found", "RepoNotFound")
        return repository

    def create(self, repo_id: str, *, private: bool) -> Repository:
        """Create a repository with the first commit, which the Hub makes by itself."""
        repository = Repository(repo_id, private, self._now_ns())
        self._repositories[repo_id] = repository
        first = self.add_file(repository, _GITATTRIBUTES)
        self.commit(repository, {".gitattributes": first})
        return repository

    def delete(self, repository: Repository) -> None:
        """Remove it with everything in it."""
        del self._repositories[repository.id]
        shutil.rmtree(self._folder / repository.id)

    def commit(self, repository: Repository, tree: dict[str, File]) -> str:
        """Make *tree* the head of `main`; return the commit's SHA."""
        commit = Commit(repository.head, self._now_ns(), tree)
        identity = json.dumps(asdict(commit), sort_keys=True).encode()
        sha = hashlib.sha1(identity, usedforsecurity=False).hexdigest()
        repository.commits[sha] = commit
        repository.head = sha
        return sha

    def add_file(self, repository: Repository, content: bytes) -> File:
        """Store the content of a regular file."""
        sha256 = hashlib.sha256(content).hexdigest()
        self.blob(repository, sha256).parent.mkdir(parents=True, exist_ok=True)
        self.blob(repository, sha256).write_bytes(content)
        return File(sha256, _blob_id(content), len(content), lfs=False)

    def lfs_file(self, repository: Repository, sha256: str) -> File | None:
        """Return the large file that was uploaded under this hash; None when none was."""
        blob = self.blob(repository, sha256)
        if not blob.is_file():
            return None
        size = blob.stat().st_size
        pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n"
        return File(sha256, _blob_id(pointer.encode()), size, lfs=True)

    def blob(self, repository: Repository, sha256: str) -> Path:
        """Return the path of the content of that hash."""
        return self._folder / repository.id / "blobs" / sha256

    def scratch(self, repository: Repository) -> Path:
        """Return a new path on the blobs' file system, for an upload in progress."""
        folder = self._folder / repository.id / "uploads"
        folder.mkdir(parents=True, exist_ok=True)
        return folder / uuid4().hex

    def check_out(self, repo_id: str, sha: str, folder: Path) -> None:
        """Copy the files of a commit to *folder*.

        Raises: ApiError 404 when repository or commit is gone.
        """
        repository = self.get(repo_id)
        for path, file in repository.commits[repository.sha(sha)].tree.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.blob(repository, file.sha256), target)


def _blob_id(content: bytes) -> str:
    header = f"blob {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()
