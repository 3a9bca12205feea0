"""Uploading to the Hub as `huggingface_hub` 2.4.0 does without Xet.

preupload says how each file travels; large ones go by the LFS batch (basic transfer: PUT to a
ticket's address, then verify); the commit, one JSON object a line, names everything.
"""

import base64
import binascii
import hashlib
import json
import secrets
from pathlib import PurePosixPath
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standins.huggingface.errors import ApiError, hub_error
from standins.huggingface.hub_access import HubAccess
from standins.huggingface.hub_store import MAIN, File, HubStore, Repository

_LFS_JSON = "application/vnd.git-lfs+json"
_REGULAR_MAX_BYTES = 10 * 1024 * 1024
_LFS_SUFFIXES = {".bin", ".onnx", ".pkl", ".safetensors"}


class HubUploads:
    """Routes for uploading."""

    def __init__(self, store: HubStore, access: HubAccess) -> None:
        self._store, self._access = store, access
        self._tickets: dict[str, tuple[str, str]] = {}

    def routes(self) -> list[Route]:
        model, lfs = "/api/models/{ns}/{name}", "/{ns}/{name}.git/info/lfs/objects"
        return [
            Route(model + "/preupload/{revision}", self.preupload, methods=["POST"]),
            Route(model + "/commit/{revision}", self.commit, methods=["POST"]),
            Route(lfs + "/batch", self.batch, methods=["POST"]),
            Route(lfs + "/verify", self.verify, methods=["POST"]),
            Route("/lfs-uploads", self.put, methods=["PUT"]),
        ]

    async def preupload(self, request: Request) -> Response:
        """Say how each file is to travel, and which content the branch has already."""
        repository = self._access.writable(request)
        tree = repository.commits[repository.sha(request.path_params["revision"])].tree
        files = [_travel(file, tree) for file in (await request.json())["files"]]
        return JSONResponse({"files": files})

    async def batch(self, request: Request) -> Response:
        """Return an upload ticket for each object that is not stored yet."""
        repository, payload = self._access.writable(request), await request.json()
        objects = [self._object(request, repository, wanted) for wanted in payload["objects"]]
        body = {"transfer": "basic", "objects": objects}
        return JSONResponse(body, media_type=_LFS_JSON)

    async def put(self, request: Request) -> Response:
        """Take an object's content; the ticket in the address is the only permission."""
        found = self._tickets.get(request.query_params.get("ticket", ""))
        if found is None:
            raise ApiError(403, "Request has expired")
        repository, oid = self._store.get(found[0]), found[1]
        scratch, digest = self._store.scratch(repository), hashlib.sha256()
        with scratch.open("wb") as file:
            async for chunk in request.stream():
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != oid:
            scratch.unlink()
            raise ApiError(400, "The content does not have the SHA-256 that was announced")
        scratch.replace(self._store.blob(repository, oid))
        return Response(status_code=200, headers={"ETag": f'"{oid}"'})

    async def verify(self, request: Request) -> Response:
        """Confirm that an object has arrived whole."""
        repository, payload = self._access.writable(request), await request.json()
        file = self._store.lfs_file(repository, payload["oid"])
        if file is None or file.size != payload["size"]:
            raise ApiError(404, "Object not found")
        return JSONResponse({"success": True})

    async def commit(self, request: Request) -> Response:
        """Add a commit to `main`."""
        repository, branch = self._access.writable(request), request.path_params["revision"]
        if branch != MAIN:
            raise hub_error(404, f"Invalid rev id: {branch}", "RevisionNotFound")
        operations = [json.loads(line) for line in (await request.body()).splitlines() if line]
        header = next(one["value"] for one in operations if one["key"] == "header")
        head = repository.sha(MAIN)
        if header.get("parentCommit") not in (None, head):
            raise ApiError(412, "A commit has happened since. Please refresh and try again.")
        tree = dict(repository.commits[head].tree)
        for operation in operations:
            self._apply(operation["key"], operation["value"], repository, tree)
        sha = self._store.commit(repository, tree)
        url = f"{request.base_url}{repository.id}/commit/{sha}"
        body = {"success": True, "commitOid": sha, "commitUrl": url, "hookOutput": ""}
        return JSONResponse(body)

    def _object(
        self, request: Request, repository: Repository, wanted: dict[str, Any]
    ) -> dict[str, Any]:
        answer = {"oid": wanted["oid"], "size": wanted["size"]}
        if self._store.lfs_file(repository, wanted["oid"]) is not None:
            return answer
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = (repository.id, wanted["oid"])
        verify = f"{request.base_url}{repository.id}.git/info/lfs/objects/verify"
        actions = {
            "upload": {"href": f"{request.base_url}lfs-uploads?ticket={ticket}", "header": {}},
            "verify": {"href": verify, "header": {}},
        }
        return {**answer, "actions": actions}

    def _apply(
        self, key: str, value: dict[str, Any], repository: Repository, tree: dict[str, File]
    ) -> None:
        match key:
            case "file":
                tree[_safe(value["path"])] = self._store.add_file(repository, _content(value))
            case "lfsFile":
                file = self._store.lfs_file(repository, value["oid"])
                if file is None:
                    raise ApiError(400, "LFS pointer pointed to a file that does not exist")
                tree[_safe(value["path"])] = file
            case "deletedFile":
                tree.pop(value["path"], None)


def _travel(file: dict[str, Any], tree: dict[str, File]) -> dict[str, Any]:
    path, size = file["path"], file["size"]
    binary = b"\0" in base64.b64decode(file.get("sample", ""))
    large = size > _REGULAR_MAX_BYTES or PurePosixPath(path).suffix in _LFS_SUFFIXES
    mode = "lfs" if size > 0 and (large or binary) else "regular"
    answer = {"path": path, "uploadMode": mode, "shouldIgnore": False}
    return {**answer, "oid": tree[path].etag} if path in tree else answer


def _content(value: dict[str, Any]) -> bytes:
    try:
        return base64.b64decode(value["content"], validate=True)
    except binascii.Error as error:
        raise ApiError(400, "Invalid base64 content") from error


def _safe(path: str) -> str:
    """Return *path* when it stays inside a checkout. Raises: ApiError 400."""
    parts = PurePosixPath(path)
    if parts.is_absolute() or ".." in parts.parts or ".git" in parts.parts:
        raise ApiError(400, f"Invalid path: {path}")
    return path
