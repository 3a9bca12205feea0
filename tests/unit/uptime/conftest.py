"""Fixtures of the uptime function."""

import pytest

from functions.uptime import handler
from tests.unit.uptime.checking import Checking


@pytest.fixture
def it(monkeypatch: pytest.MonkeyPatch) -> Checking:
    """The function that the handler uses, on fakes."""
    checking = Checking()
    monkeypatch.setattr(handler, "uptime_function", checking.function)
    return checking
