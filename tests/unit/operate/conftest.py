"""The operating function for its tests."""

import pytest

from functions.operate import handler as operations_handler
from tests.unit.operate.operating import (
    Operating,
)


@pytest.fixture
def operating(monkeypatch: pytest.MonkeyPatch) -> Operating:
    """The function with a store, a workflow and a reconciler of its own."""
    operating = Operating()
    monkeypatch.setattr(operations_handler, "operations", lambda: operating.operations)
    monkeypatch.setattr(operations_handler, "deployment_logs", lambda: operating.deployment_logs)
    monkeypatch.setattr(operations_handler, "model_usage", lambda: operating.model_usage)
    return operating
