"""Runs tests in threads beside the others: they mostly wait, and each has models of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from inspect import signature
from typing import Any

import pytest

CONCURRENT = "concurrent"
"""Marker of such a test."""
_AT_ONCE = 4
"""Tests that run at once: the work of each of their deployments is what the others wait for."""
_RUN = pytest.StashKey[Future[None]]()


@contextmanager
def running(items: list[pytest.Item], fixture: Callable[[str], Any]) -> Iterator[None]:
    """Start the marked tests among *items*; wait for them when the block ends.

    *fixture* returns a session's fixture by its name.
    """
    functions = [
        (item, item.function)
        for item in items
        if isinstance(item, pytest.Function) and item.get_closest_marker(CONCURRENT)
    ]
    # All before any test begins: a fixture that logs a model silences warnings for the process.
    arguments = [
        {name: fixture(name) for name in signature(function).parameters}
        for _, function in functions
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for (item, function), values in zip(functions, arguments, strict=True):
            item.stash[_RUN] = pool.submit(function, **values)
        yield


def has_run(item: pytest.Item) -> bool:
    """Wait until the test has ended if it was started, and fail as it did; return whether it was.

    Raises: What the test raised.
    """
    run = item.stash.get(_RUN, None)
    if run:
        run.result()
    return run is not None
