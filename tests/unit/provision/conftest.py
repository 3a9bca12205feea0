"""The log of the reconciler."""

import io
import logging
from collections.abc import Iterator

import pytest

from functions.provision.reconciliation.reconciler import logger


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log lines, as JSON documents."""
    written = io.StringIO()
    listener = logging.StreamHandler(written)
    listener.setFormatter(logger.registered_formatter)
    logger.addHandler(listener)
    yield written
    logger.removeHandler(listener)  # type: ignore[attr-defined]  # delegated
