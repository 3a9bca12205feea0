"""The local endpoint, closed after each test."""

from collections.abc import Iterator

import pytest

from functions.common.providers.huggingface.transport import Transport
from tests.faults.scripts import answers
from tests.faults.server import FaultServer
from tests.unit.common.providers.local_endpoint import (
    RIGHT,
    LocalEndpoint,
)


@pytest.fixture
def local_endpoint(transport: Transport) -> Iterator[LocalEndpoint]:
    """A running endpoint, closed after the test."""
    with FaultServer(answers(200, RIGHT)) as server:
        yield LocalEndpoint(server, transport)
