"""A local system for one run of tests."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import mlflow

from infra.local.parts import NOTHING
from infra.local.startup import Options, running_system
from infra.local.system import LocalSystem
from infra.local.webhook import wait_until_webhook_works


@contextmanager
def temporary_system(
    state: Path, *, function_variables: Mapping[str, str] = NOTHING
) -> Iterator[LocalSystem]:
    """Run the local system with all its files in *state*, and let MLflow's client use it."""
    log = logging.getLogger("local system").info
    options = Options(state=state, startup_s=1, function_variables=function_variables)
    with running_system(options, say=log) as running:
        mlflow.set_tracking_uri(running.mlflow_url)
        # For experiments that keep their models in a bucket.
        os.environ["MLFLOW_S3_ENDPOINT_URL"] = running.aws_url
        wait_until_webhook_works(running)
        yield running
