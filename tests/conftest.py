"""Fixtures for all tests: made-up AWS credentials, so that no test can reach a real account, and
temporary folders that are deleted afterwards.
"""

import gc
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from functions.common.providers.huggingface.transport import Transport
from infra.local.home import away_from_home
from tests.processor_time import collect_garbage_rarely, read_service_models_once

# pytest's own folders stay where they were: those of failed tests are kept for whoever looks.
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", tempfile.gettempdir())
_folder = tempfile.TemporaryDirectory(prefix="tests-", ignore_cleanup_errors=True)
tempfile.tempdir = _folder.name
os.environ.update(
    **away_from_home(Path(_folder.name)),
    TMPDIR=_folder.name,
    AWS_ACCESS_KEY_ID="test",
    AWS_SECRET_ACCESS_KEY="test",
    AWS_DEFAULT_REGION="us-east-1",
    AWS_REGION="us-east-1",
    AWS_EC2_METADATA_DISABLED="true",
)

# A busy machine makes any example slow.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")
read_service_models_once()
# Until the tests are known: what is imported, and what pytest makes of it, stays.
gc.disable()


def pytest_collection_finish() -> None:
    """Begin to collect garbage, of what the tests leave."""
    collect_garbage_rarely()
    gc.enable()


def pytest_unconfigure() -> None:
    """Delete the temporary folders."""
    _folder.cleanup()


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Everything logged so far: messages, keys, values and traces."""
    caplog.set_level(logging.DEBUG)
    return lambda: caplog.text + str([vars(record) for record in caplog.records])


@pytest.fixture
def transport() -> Iterator[Transport]:
    """A provider transport; its connections are closed after the test."""
    transport = Transport()
    yield transport
    transport.close()
