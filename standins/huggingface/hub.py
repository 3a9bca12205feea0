"""The Hub, as `huggingface_hub` 2.4.0 speaks to it without Xet: repositories and reading them.

Uploading is in `hub_uploads`.
"""

from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from standins.huggingface.errors import hub_error
from standins.huggingface.hub_access import HubAccess
from standins.huggingface.hub_store import File, HubStore

_S = 1_000_000_000


class Hub:
    """Routes for repositories."""

    def __init__(self, store: HubStore, access: HubAccess) -> None:
        self._store, self._access = store, access

    def routes(self) -> list[Route]:
        model = "/api/models/{ns}/{name}"
        return [
            Route("/api/validate-yaml", self.validate_yaml, methods=["POST"]),
            Route("/api/repos/create", self.create, methods=["POST"]),
            Route("/api/repos/delete", self.delete, methods=["DELETE"]),
            Route(model, self.info, methods=["GET"]),
            Route(model + "/revision/{revision}", self.info, methods=["GET"]),
            Route(model + "/tree/{revision}", self.tree, methods=["GET"]),
            Route("/{ns}/{name}/resolve/{revision}/{path:path}", self.resolve, methods=["GET"]),
        ]

    async def validate_yaml(self, _request: Request) -> Response:
        """Accept every model card."""
        return JSONResponse({"errors": [], "warnings": []})

    async def create(self, request: Request) -> Response:
        """Create a repository; for one that exists 409, which names its address too."""
        repo_id, payload = await self._writable_name(request)
        answer = {"url": f"{request.base_url}{repo_id}", "name": repo_id}
        if self._store.find(repo_id) is not None:
            answer["error"] = "You already created this model repo"
            return JSONResponse(answer, status_code=409)
        private = payload.get("visibility") == "private" or bool(payload.get("private"))
        self._store.create(repo_id, private=private)
        return JSONResponse(answer)

    async def delete(self, request: Request) -> Response:
        """Remove a repository for ever."""
        repo_id, _ = await self._writable_name(request)
        self._store.delete(self._store.get(repo_id))
        return JSONResponse({"success": True})

    async def info(self, request: Request) -> Response:
        """Describe a repository at a revision."""
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
            "createdAt": _iso(repository.created_ns),
            "lastModified": _iso(commit.created_ns),
            "siblings": [{"rfilename": path} for path in sorted(commit.tree)],
        }
        return JSONResponse(body)

    async def tree(self, request: Request) -> Response:
        """List all files of a revision, without folders: no caller needs them."""
        repository = self._access.readable(request)
        tree = repository.commits[repository.sha(request.path_params["revision"])].tree
        return JSONResponse([_entry(path, tree[path]) for path in sorted(tree)])

    async def resolve(self, request: Request) -> Response:
        """Send the content of a file (the route also answers HEAD)."""
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

    async def _writable_name(self, request: Request) -> tuple[str, dict[str, Any]]:
        """Return the body's repository name, and the body. Raises: ApiError 401, 403."""
        caller, payload = self._access.caller(request), await request.json()
        namespace = payload.get("organization") or caller.name
        self._access.check_write(caller, namespace)
        return f"{namespace}/{payload['name']}", payload


def _iso(unix_ns: int) -> str:
    """Return the time as the Hub writes it, in milliseconds."""
    moment = datetime.fromtimestamp(unix_ns // _S, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{unix_ns % _S // 1_000_000:03}Z"


def _entry(path: str, file: File) -> dict[str, Any]:
    entry = {"type": "file", "path": path, "size": file.size, "oid": file.blob_id}
    if not file.lfs:
        return entry
    return {**entry, "lfs": {"oid": file.sha256, "size": file.size, "pointerSize": 134}}
