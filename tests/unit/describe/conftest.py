"""The describe function, for its tests."""

import pytest

from tests.unit.describe.describing import Describing, on_fakes


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Describing:
    """Return the handler on fakes of its own."""
    return on_fakes(monkeypatch)
