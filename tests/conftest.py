"""What every test stands on: made-up AWS credentials, so that no real account can be reached."""

import logging
import os
from collections.abc import Callable

import pytest

os.environ.update(
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Everything that has been logged so far: messages, keys, values and traces."""
    caplog.set_level(logging.DEBUG)
    return lambda: caplog.text + str([vars(record) for record in caplog.records])
