"""In-memory `EndpointLogs` and `KeptLogs`; tests/contract runs the same tests on the real ones."""

import lzma
from collections.abc import Callable
from datetime import datetime

from functions.common.endpoint_logs.kept import MAX_UNPACKED_BYTES, KeptLog, packed_end
from functions.common.providers.base import ProviderControlError
from functions.common.providers.endpoint_logs import MAX_LOG_BYTES
from tests.builders import NOON


class FakeEndpointLogs:
    """Logs by endpoint in `logs`; every read raises *error*."""

    def __init__(self, *, error: ProviderControlError | None = None) -> None:
        self.logs: dict[str, str] = {}
        self.error = error

    def read(self, name: str) -> str:
        if self.error:
            raise self.error
        text = self.logs.get(name, "")
        if len(text.encode()) <= MAX_LOG_BYTES:
            return text
        return text.encode()[-MAX_LOG_BYTES:].partition(b"\n")[2].decode()


class FakeKeptLogs:
    """Kept logs by model and deployment in `logs`."""

    def __init__(self, *, now: Callable[[], datetime] = lambda: NOON) -> None:
        self.logs: dict[tuple[str, str], KeptLog] = {}
        self.error: Exception | None = None
        self._now = now

    def keep(self, model_id: str, deployment_id: str, text: str) -> None:
        if self.error:
            raise self.error

        end = lzma.decompress(packed_end(text))[:MAX_UNPACKED_BYTES].decode(errors="replace")
        self.logs[model_id, deployment_id] = KeptLog(text=end, kept_at=self._now())

    def get(self, model_id: str, deployment_id: str) -> KeptLog | None:
        return self.logs.get((model_id, deployment_id))
