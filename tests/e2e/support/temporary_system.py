"""A local system for one run of tests."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mlflow

from infra.local.startup import Options, running_system
from infra.local.system import LocalSystem


@contextmanager
def temporary_system(state: Path) -> Iterator[LocalSystem]:
    """Run the local system with all its files in *state*, and let MLflow's client use it."""
    log = logging.getLogger("local system").info
    with running_system(Options(state=state, ports={}, startup_s=1), say=log) as running:
        mlflow.set_tracking_uri(running.mlflow_url)
        yield running
