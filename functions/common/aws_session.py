"""botocore's session of the process, and the clients that it makes.

boto3 would import its resources and S3 transfers with them. Clients hold no credentials until their
first call: they can be made before a snapshot of the process is taken.
"""

from collections.abc import Callable
from functools import cache
from ssl import SSLContext
from typing import Any

from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.exceptions import NoCredentialsError
from botocore.httpsession import URLLib3Session
from botocore.session import Session
from botocore.utils import get_environ_proxies

from functions.common.trust import system_trust


class _Credentials(Credentials):
    """Looks for the credentials when a first request is signed, in the environment of that time.

    What is found renews itself, if it expires.
    """

    def __init__(self, find: Callable[[], Credentials | None]) -> None:
        self.method = "deferred"
        self._find = find
        self._found: Credentials | None = None

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        """Return the credentials of now. Raises: NoCredentialsError."""
        self._found = self._found or self._find()
        if self._found is None:
            raise NoCredentialsError
        return self._found.get_frozen_credentials()

    def get_deferred_property(self, property_name: str) -> Callable[[], Any]:
        return lambda: getattr(self.get_frozen_credentials(), property_name, None)


class _Resolver:
    """botocore's port to where credentials come from."""

    def __init__(self, find: Callable[[], Credentials | None]) -> None:
        self._find = find

    def load_credentials(self) -> Credentials:
        return _Credentials(self._find)


class _HttpSession(URLLib3Session):
    """Trusts what the whole process trusts; botocore would read the list for every connection."""

    def _get_ssl_context(self) -> SSLContext:
        return system_trust()

    def _setup_ssl_cert(self, conn: Any, _url: str, _verify: object) -> None:
        conn.cert_reqs, conn.ca_certs = "CERT_REQUIRED", None


@cache
def session() -> Session:
    """Return the session of the process."""
    made = Session()
    find = made.get_component("credential_provider").load_credentials
    made.register_component("credential_provider", _Resolver(find))
    return made


def frozen_credentials() -> ReadOnlyCredentials:
    """Return the process's credentials of now. Raises: NoCredentialsError."""
    found = session().get_credentials()
    if found is None:
        raise NoCredentialsError
    return found.get_frozen_credentials()


def make_client(service: str, config: Any) -> Any:
    """Return a client of *service*, without a connection; *config* is botocore's `Config`."""
    client: Any = session().create_client(service, config=config)
    # botocore has no other place for an HTTP session.
    endpoint = client._endpoint  # noqa: SLF001
    endpoint.http_session = _HttpSession(
        timeout=(config.connect_timeout, config.read_timeout),  # type: ignore[arg-type]
        max_pool_connections=config.max_pool_connections,
        proxies=get_environ_proxies(endpoint.host),
    )
    return client
