"""The Hub, as `huggingface_hub` 2.4.0 speaks to it without Xet: repositories and reading them.

Uploading is in `hub_uploads`.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from standins.huggingface.access import REPO_READ, REPO_WRITE, Access, Account
from standins.huggingface.errors import ApiError, hub_error
from standins.huggingface.hub_store import File, HubStore, Repository

_S = 1_000_000_000


def repo_id(request: Request) -> str:
    """`namespace/name` from the path of *request*."""
    return f"{request.path_params['ns']}/{request.path_params['name']}"


class HubAccess:
    """Which repository a request may read or write."""

    def __init__(self, store: HubStore, access: Access) -> None:
        self._store, self._access = store, access

    def caller(self, request: Request) -> Account:
        """Whoever sends *request*. Raises: ApiError 401."""
        caller = self._access.caller(request)
        if caller is None:
            raise ApiError(401, "Invalid credentials in Authorization header")
        return caller

    def readable(self, request: Request) -> Repository:
        """The repository of the path. A private one does not exist for strangers.

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
        """The repository of the path. Raises: ApiError 401, 403, 404."""
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


class Hub:
    """Routes for repositories."""

    def __init__(self, store: HubStore, access: HubAccess) -> None:
        self._store, self._access = store, access

    def routes(self) -> list[Route]:
        """Every route, relative to the Hub's root."""
        model = "/api/models/{ns}/{name}"
        get_only, post_only = ["GET"], ["POST"]
        return [
            Route("/api/whoami-v2", self.whoami, methods=get_only),
            Route("/api/validate-yaml", self.validate_yaml, methods=post_only),
            Route("/api/repos/create", self.create, methods=post_only),
            Route("/api/repos/delete", self.delete, methods=["DELETE"]),
            Route(model, self.info, methods=get_only),
            Route(model + "/revision/{revision}", self.info, methods=get_only),
            Route(model + "/refs", self.refs, methods=get_only),
            Route(model + "/tree/{revision}", self.tree, methods=get_only),
            Route(model + "/tree/{revision}/{path:path}", self.tree, methods=get_only),
            Route(model + "/branch/{revision}", self.create_branch, methods=post_only),
            Route(model + "/tag/{revision}", self.create_tag, methods=post_only),
            Route("/{ns}/{name}/resolve/{revision}/{path:path}", self.resolve, methods=get_only),
        ]

    async def whoami(self, request: Request) -> Response:
        """Who the token belongs to and what it may do."""
        caller = self._access.caller(request)
        entity = {"_id": caller.user_id, "type": "user", "name": caller.name}
        scoped = [{"entity": entity, "permissions": sorted(caller.permissions)}]
        token = {
            "displayName": "stand-in",
            "role": "fineGrained",
            "createdAt": iso(0),
            "fineGrained": {"canReadGatedRepos": False, "global": [], "scoped": scoped},
        }
        body = {
            "type": "user",
            "id": caller.user_id,
            "name": caller.name,
            "fullname": caller.name,
            "canPay": True,
            "isPro": False,
            "orgs": [],
            "auth": {"type": "access_token", "accessToken": token},
        }
        return JSONResponse(body)

    async def validate_yaml(self, _request: Request) -> Response:
        """Every model card is fine."""
        return JSONResponse({"errors": [], "warnings": []})

    async def create(self, request: Request) -> Response:
        """A new repository; for one that exists 409, which names its address too."""
        caller, payload = self._access.caller(request), await request.json()
        namespace = payload.get("organization") or caller.name
        self._access.check_write(caller, namespace)
        wanted = f"{namespace}/{payload['name']}"
        answer = {"url": f"{request.base_url}{wanted}", "name": wanted}
        if self._store.find(wanted) is not None:
            answer["error"] = "You already created this model repo"
            return JSONResponse(answer, status_code=409)
        private = payload.get("visibility") == "private" or bool(payload.get("private"))
        self._store.create(wanted, private=private)
        return JSONResponse(answer)

    async def delete(self, request: Request) -> Response:
        """Remove a repository for ever."""
        caller, payload = self._access.caller(request), await request.json()
        namespace = payload.get("organization") or caller.name
        self._access.check_write(caller, namespace)
        self._store.delete(self._store.get(f"{namespace}/{payload['name']}"))
        return JSONResponse({"success": True})

    async def info(self, request: Request) -> Response:
        """A repository at a revision."""
        repository = self._access.readable(request)
        sha = repository.sha(request.path_params.get("revision", "main"))
        commit = repository.commits[sha]
        body = {
            "_id": sha[:24],
            "id": repository.id,
            "modelId": repository.id,
            "author": repository.id.partition("/")[0],
            "sha": sha,
            "private": repository.private,
            "gated": False,
            "disabled": False,
            "downloads": 0,
            "likes": 0,
            "tags": [],
            "createdAt": iso(repository.created_ns),
            "lastModified": iso(commit.created_ns),
            "siblings": [{"rfilename": path} for path in sorted(commit.tree)],
        }
        return JSONResponse(body)

    async def refs(self, request: Request) -> Response:
        """Branches and tags."""
        repository = self._access.readable(request)
        body = {
            "branches": _refs("heads", repository.branches),
            "tags": _refs("tags", repository.tags),
            "converts": [],
        }
        return JSONResponse(body)

    async def tree(self, request: Request) -> Response:
        """Files and folders, below a folder if the path names one."""
        repository = self._access.readable(request)
        commit = repository.commits[repository.sha(request.path_params["revision"])]
        folder = request.path_params.get("path", "").strip("/")
        recursive = request.query_params.get("recursive", "").lower() in ("true", "1")
        return JSONResponse(_listing(commit.tree, folder, recursive=recursive))

    async def create_branch(self, request: Request) -> Response:
        """A branch from a revision, by default the head of main."""
        repository, name = self._access.writable(request), request.path_params["revision"]
        if name in repository.branches:
            raise ApiError(409, "Reference already exists")
        payload = json.loads(await request.body() or b"{}")
        repository.branches[name] = repository.sha(payload.get("startingPoint") or "main")
        self._store.save(repository)
        return JSONResponse({"success": True})

    async def create_tag(self, request: Request) -> Response:
        """A tag on a revision."""
        repository, payload = self._access.writable(request), await request.json()
        if payload["tag"] in repository.tags:
            raise ApiError(409, "Tag reference exists already")
        repository.tags[payload["tag"]] = repository.sha(request.path_params["revision"])
        self._store.save(repository)
        return JSONResponse({"success": True})

    async def resolve(self, request: Request) -> Response:
        """The content of a file (route also answers HEAD)."""
        repository = self._access.readable(request)
        sha = repository.sha(request.path_params["revision"])
        file = repository.commits[sha].tree.get(request.path_params["path"])
        if file is None:
            error = hub_error(404, "Entry not found", "EntryNotFound")
            error.headers["X-Repo-Commit"] = sha
            raise error
        headers = {"X-Repo-Commit": sha, "ETag": f'"{file.etag}"'}
        if file.lfs:
            headers |= {"X-Linked-Etag": f'"{file.etag}"', "X-Linked-Size": str(file.size)}
        return FileResponse(self._store.blob(repository, file.sha256), headers=headers)


def iso(unix_ns: int) -> str:
    """Time as the Hub writes it, in milliseconds."""
    moment = datetime.fromtimestamp(unix_ns // _S, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{unix_ns % _S // 1_000_000:03}Z"


def _refs(kind: str, names: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": sha}
        for name, sha in sorted(names.items())
    ]


def _listing(tree: dict[str, File], folder: str, *, recursive: bool) -> list[dict[str, Any]]:
    prefix = f"{folder}/" if folder else ""
    inside = {path: file for path, file in tree.items() if path.startswith(prefix)}
    if folder and not inside:
        raise hub_error(404, "Entry not found", "EntryNotFound")
    shallow = [path for path in inside if recursive or "/" not in path.removeprefix(prefix)]
    folders = _folders(inside, prefix, recursive=recursive)
    entries = [{"type": "directory", "path": path, "size": 0, "oid": "0" * 40} for path in folders]
    return entries + [_entry(path, tree[path]) for path in sorted(shallow)]


def _folders(paths: Iterable[str], prefix: str, *, recursive: bool) -> list[str]:
    found: set[str] = set()
    for path in paths:
        parts = path.removeprefix(prefix).split("/")[:-1]
        depths = range(1, len(parts) + 1) if recursive else range(1, min(1, len(parts)) + 1)
        found.update(prefix + "/".join(parts[:depth]) for depth in depths)
    return sorted(found)


def _entry(path: str, file: File) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "type": "file",
        "path": path,
        "size": file.size,
        "oid": file.blob_id,
    }
    if file.lfs:
        entry["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": 134}
    return entry
