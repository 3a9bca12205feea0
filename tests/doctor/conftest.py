"""The installation to look at."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from tests.doctor.examined import Examined


@pytest.fixture
def it() -> Iterator[Examined]:
    """A sound installation."""
    with mock_aws():
        yield Examined()
