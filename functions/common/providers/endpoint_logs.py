"""Port: the logs of endpoints at the provider."""

from typing import Protocol

MAX_LOG_BYTES = 256 * 1024


class EndpointLogs(Protocol):
    """Reads what the containers of endpoints have written."""

    def read(self, name: str) -> str:
        """Return the end of the endpoint's log, at most `MAX_LOG_BYTES`; empty when there is none,
        also because there is no such endpoint (any more).

        It may hold anything that the model's code has written, secrets too.

        Raises: ProviderUnavailableError, ProviderRefusedError.
        """
        ...
