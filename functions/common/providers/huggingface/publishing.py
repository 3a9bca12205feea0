"""`ModelHub` on the Hugging Face Hub, by `huggingface_hub`: its upload protocol is a large one."""

import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from huggingface_hub import CommitOperationAdd, HfApi, constants, set_client_factory
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils.logging import set_verbosity
from huggingface_hub.utils.tqdm import disable_progress_bars

from functions.common.providers.packaging import HubRefusedError
from functions.common.secrets import blotted

TIMEOUT = httpx2.Timeout(60, connect=3)
"""Per read or write, not per upload; huggingface_hub itself has none."""
_PERMANENT = {400, 401, 402, 403}
_MESSAGE_CHARACTERS = 300


class HuggingFaceModelHub:
    """See `ModelHub`; make one per process, since huggingface_hub has one client per process.

    Private and gated repositories are resolved for the owners *lent_by* alone: whoever registers a
    model would otherwise read all that our token may read, by way of predictions.
    """

    def __init__(
        self, hub_url: str, *, token: Callable[[], str], lent_by: Collection[str] = ()
    ) -> None:
        set_client_factory(lambda: httpx2.Client(timeout=TIMEOUT, follow_redirects=True))
        disable_progress_bars()
        # It logs addresses and other libraries' messages.
        set_verbosity(logging.CRITICAL)
        # Plain uploads: Xet splits commits, and would not fall back where a hub has none.
        constants.HF_HUB_DISABLE_XET = True
        # With telemetry on, every process first asks the public Hub which agents there are.
        constants.HF_HUB_DISABLE_TELEMETRY = True
        self._hub_url = hub_url.rstrip("/")
        self._token = token
        self._lent_by = frozenset(lent_by)

    def upload(self, folder: Path, repository: str, *, at: str) -> None:
        token = self._token()
        api = HfApi(endpoint=self._hub_url, token=token)
        paths = [path for path in folder.rglob("*") if path.is_file()]
        with _refusals(token):
            api.create_repo(repository, private=True, exist_ok=True)
            if not api.model_info(repository).private:
                raise HubRefusedError(f"The repository {repository} is public; make it private.")
            # A commit finds what is there by its digest. Source:
            # https://huggingface.co/docs/huggingface_hub/guides/upload#preupload-lfs-files-before-commit
            api.preupload_lfs_files(
                repository,
                [
                    CommitOperationAdd(f"{at}/{path.relative_to(folder).as_posix()}", path)
                    for path in paths
                ],
            )

    def publish(self, folder: Path, repository: str) -> str:
        token = self._token()
        api = HfApi(endpoint=self._hub_url, token=token)
        with _refusals(token):
            commit = api.upload_folder(
                repo_id=repository,
                folder_path=folder,
                commit_message="Model files and handler of a deployment",
                delete_patterns="*",
            )
        return str(commit.oid)

    def resolve(self, repository: str, revision: str | None) -> str:
        token = self._token()
        api = HfApi(endpoint=self._hub_url, token=token)
        with _refusals(token), _absences(repository, revision):
            info = api.model_info(repository, revision=revision)
            if info.private or info.gated:
                self._check_lent(info.id, "private" if info.private else "gated")
            # Everybody may see that a gated repository is there.
            if info.gated:
                api.auth_check(repository)
        if info.sha is None:
            raise HubRefusedError(f"The Hub names no commit of {repository}.")
        return info.sha

    def _check_lent(self, repository: str, kind: str) -> None:
        """Raises: HubRefusedError."""
        owner = repository.partition("/")[0]
        if owner not in self._lent_by:
            raise HubRefusedError(
                f"The Hub's repository {repository} is {kind}, and this service lends out only "
                f"what everybody may read. Have {owner} added to HUB_SOURCE_NAMESPACES, or log "
                "the model with its weights."
            )


@contextmanager
def _absences(repository: str, revision: str | None) -> Iterator[None]:
    """Translate missing repositories and revisions into HubRefusedError, with advice."""
    try:
        yield
    except RevisionNotFoundError as error:
        raise HubRefusedError(
            f"The Hub's repository {repository} has no revision {revision}. Log the model with "
            "one that it has."
        ) from error
    except GatedRepoError as error:
        raise HubRefusedError(
            f"The Hub's repository {repository} is gated. Ask its owner to give the account of "
            "this service's token access."
        ) from error
    except RepositoryNotFoundError as error:
        raise HubRefusedError(
            f"The Hub has no repository {repository} that this service's token may read."
        ) from error


@contextmanager
def _refusals(token: str) -> Iterator[None]:
    """Translate permanent refusals into HubRefusedError; other errors pass."""
    try:
        yield
    except HFValidationError as error:
        raise HubRefusedError(f"The Hub does not take the repository's name: {error}") from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        if status not in _PERMANENT:
            raise
        words = blotted(error.server_message or "no explanation", token)
        message = words[:_MESSAGE_CHARACTERS]
        raise HubRefusedError(f"The Hub answered {status}: {message}") from error
