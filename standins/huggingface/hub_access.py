"""Permissions to read and write repositories of the Hub."""

from starlette.requests import Request

from standins.huggingface.access import REPO_READ, REPO_WRITE, Access, Account
from standins.huggingface.errors import ApiError, hub_error
from standins.huggingface.hub_store import HubStore, Repository


def repo_id(request: Request) -> str:
    """Return `namespace/name` from the path of *request*."""
    return f"{request.path_params['ns']}/{request.path_params['name']}"


class HubAccess:
    """Finds the repositories that a request may read or write."""

    def __init__(self, store: HubStore, access: Access) -> None:
        self._store, self._access = store, access

    def caller(self, request: Request) -> Account:
        """Return the account that sends *request*. Raises: ApiError 401."""
        caller = self._access.caller(request)
        if caller is None:
            raise ApiError(401, "Invalid credentials in Authorization header")
        return caller

    def readable(self, request: Request) -> Repository:
        """Return the repository of the path. A private one does not exist for strangers.

        Raises: ApiError 401, 404.
        """
        caller = self._access.caller(request)
        if caller is None and "authorization" in request.headers:
            raise ApiError(401, "Invalid credentials in Authorization header")
        repository = self._store.find(repo_id(request))
        if caller is None and (repository is None or repository.private):
            raise hub_error(401, "Repository not found", "RepoNotFound")
        if repository is None or (caller is not None and not _may_read(caller, repository)):
            raise hub_error(404, "Repository not found", "RepoNotFound")
        return repository

    def writable(self, request: Request) -> Repository:
        """Return the repository of the path. Raises: ApiError 401, 403, 404."""
        caller = self.caller(request)
        repository = self.readable(request)
        self.check_write(caller, repository.id.partition("/")[0])
        return repository

    def check_write(self, caller: Account, namespace: str) -> None:
        """Raises: ApiError 403 unless *caller* may write in *namespace*."""
        if namespace not in caller.namespaces or REPO_WRITE not in caller.permissions:
            raise ApiError(
                403,
                f'You don\'t have the rights to create a model under the namespace "{namespace}"',
            )


def _may_read(caller: Account, repository: Repository) -> bool:
    own = repository.id.partition("/")[0] in caller.namespaces
    return not repository.private or (own and REPO_READ in caller.permissions)
