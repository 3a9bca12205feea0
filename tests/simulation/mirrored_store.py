"""A table whose every write a store in memory follows, which the world looks into."""

from contextlib import suppress
from typing import Any

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.store import DeploymentChangedError, SupersededError
from tests.fakes.deployment_store import FakeDeploymentStore

_READS = frozenset(
    {"get", "live", "desired", "with_desired", "state", "states", "overview", "model_of"}
)


class MirroredStore:
    """DynamoDB's, whose every write a store in memory follows: the world looks into that one."""

    def __init__(self, memory: FakeDeploymentStore, table: DynamoDeploymentStore) -> None:
        self._memory, self._table = memory, table

    def __getattr__(self, name: str) -> Any:
        if not hasattr(self._table, name):
            return getattr(self._memory, name)
        asked = getattr(self._table, name)
        return asked if name in _READS else lambda *args, **options: self._both(name, args, options)

    def _both(self, name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        with suppress(DeploymentChangedError, SupersededError):
            getattr(self._memory, name)(*args, **options)
        return getattr(self._table, name)(*args, **options)
