"""In-memory `ModelHub`; tests/contract runs the same tests on Hugging Face's."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from functions.common.providers.packaging import HubRefusedError


class FakeModelHub:
    """Files by path, by repository, in `repositories`. *error* is raised by every call.

    *sources* are other accounts' repositories: the commit of each branch and tag.
    """

    def __init__(
        self,
        *,
        sources: Mapping[str, Mapping[str, str]] | None = None,
        error: Exception | None = None,
    ) -> None:
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.error = error
        self._revisions = {name: dict(commits) for name, commits in (sources or {}).items()}

    def upload(self, folder: Path, repository: str, *, at: str) -> None:
        if self.error:
            raise self.error
        assert folder.name == at
        self.repositories.setdefault(repository, {})

    def publish(self, folder: Path, repository: str) -> str:
        if self.error:
            raise self.error
        assert repository in self.repositories
        files = {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        self.repositories[repository] = files
        revision = hashlib.sha1(repr(files).encode(), usedforsecurity=False).hexdigest()
        self._revisions[repository] = {"main": revision}
        return revision

    def resolve(self, repository: str, revision: str | None) -> str:
        if self.error:
            raise self.error
        commits = self._revisions.get(repository)
        if commits is None:
            raise HubRefusedError(f"No repository {repository}.")
        wanted = revision or "main"
        if wanted in commits:
            return commits[wanted]
        if wanted in commits.values():
            return wanted
        raise HubRefusedError(f"{repository} has no revision {wanted}.")
