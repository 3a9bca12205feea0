"""Accounts and permissions of tokens. Only hashes of tokens are kept."""

from collections.abc import Iterable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from standins.bearer import bearer, digest
from standins.huggingface.errors import ApiError

ENDPOINTS_READ = "inference.endpoints.read"
ENDPOINTS_WRITE = "inference.endpoints.write"
ENDPOINTS_INFER = "inference.endpoints.infer.write"
REPO_READ = "repo.content.read"
REPO_WRITE = "repo.write"
ALL_PERMISSIONS = (ENDPOINTS_READ, ENDPOINTS_WRITE, ENDPOINTS_INFER, REPO_READ, REPO_WRITE)


@dataclass(frozen=True, slots=True)
class Account:
    """The account behind a token; *namespaces* holds its own name and its organisations."""

    name: str
    namespaces: tuple[str, ...]
    permissions: frozenset[str]

    @property
    def user_id(self) -> str:
        """Return 24 hex digits, the same for a name at all times."""
        return digest(self.name)[:24]


class Access:
    """The tokens that are accepted."""

    def __init__(self) -> None:
        self._callers: dict[str, Account] = {}

    def add(self, token: str, name: str, *, permissions: Iterable[str] = ALL_PERMISSIONS) -> None:
        """Accept *token* from now on as one of the account *name*."""
        self._callers[digest(token)] = Account(name, (name,), frozenset(permissions))

    def routes(self) -> list[Route]:
        return [Route("/api/whoami-v2", self.whoami, methods=["GET"])]

    async def whoami(self, request: Request) -> Response:
        """Describe the account and what its fine-grained token may do."""
        caller = self.caller(request)
        if caller is None:
            raise ApiError(401, "Invalid credentials in Authorization header")
        scopes = [
            {"entity": {"type": "user", "name": name}, "permissions": sorted(caller.permissions)}
            for name in caller.namespaces
        ]
        token = {
            "displayName": "stand-in",
            "role": "fineGrained",
            "fineGrained": {"global": [], "scoped": scopes},
        }
        return JSONResponse(
            {
                "type": "user",
                "id": caller.user_id,
                "name": caller.name,
                "canPay": True,
                "orgs": [],
                "auth": {"type": "access_token", "accessToken": token},
            }
        )

    def caller(self, request: Request) -> Account | None:
        """Return the account that sends *request*; None without a valid token."""
        return self._callers.get(digest(bearer(request)))

    def require(self, request: Request, permission: str) -> Account:
        """Return the caller, who has *permission*. Raises: ApiError 401, 403."""
        caller = self.caller(request)
        if caller is None:
            raise ApiError(401, "Unauthorized: a valid Bearer token is required")
        if permission not in caller.permissions:
            raise ApiError(403, f"missing permissions: {permission}")
        return caller
