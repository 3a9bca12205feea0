"""The marker of slow unit tests, and a filter for MLflow's warnings about its own type hints."""

import os
import warnings
from pathlib import Path

import pytest

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import mlflow.pyfunc  # noqa: F401

HERE = Path(__file__).parent
SLOW = (
    # Every kind of call in every function, with real logs.
    "predict/canary",
    # Every function with every form of every secret.
    "secret_forms",
    # Every order of requests to the authorizer.
    "authorizer/test_cached_decisions.py",
    # curl, Python and Node.js as users would run them.
    "test_api_page.py",
    # The code that runs on the endpoint, in processes of its own, with models of every flavor.
    "common/providers/test_huggingface_runtime.py",
    # A database of MLflow's.
    "provision/registry/test_mlflow_registry.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests below `SLOW`, which `make check` leaves out."""
    slow = tuple(str(HERE / path) for path in SLOW)
    for item in items:
        if str(item.path).startswith(slow):
            item.add_marker("slow")
