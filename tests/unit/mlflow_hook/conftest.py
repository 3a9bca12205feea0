"""The webhook's function with a store, a workflow and secrets of its own."""

import pytest

from functions.mlflow_hook import bootstrap, handler
from tests.unit.mlflow_hook.hook import Hook


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Hook:
    """The function with a store, a workflow and secrets of its own."""
    hook = Hook()
    monkeypatch.setenv("WEBHOOK_SECRET", "webhook")
    monkeypatch.setattr(handler, "secrets", lambda: hook.secrets)
    monkeypatch.setattr(bootstrap, "deliveries", hook.deliveries)
    return hook
