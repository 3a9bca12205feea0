"""The describing function, for its tests."""

import pytest

from tests.unit.describe.describing import Describing, on_fakes


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Describing:
    """On fakes of its own."""
    return on_fakes(monkeypatch)
