"""An index, and locking that asks it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from functions.common.packages.locking import Locking
from functions.common.packages.model_packages import Lock, ModelPackages
from functions.common.packages.package_index import PackageIndex
from functions.common.packages.uv import Uv
from tests.unit.common.packages.local_index import LocalIndex, serving

type LockOf = Callable[..., Lock]


@pytest.fixture
def index() -> Iterator[LocalIndex]:
    """An index with what every lock has."""
    with serving(LocalIndex()) as served:
        served.add_wheel("numpy", "2.0")
        served.add_wheel("pandas", "2.2", "numpy>=1")
        yield served


@pytest.fixture
def lock_of(index: LocalIndex) -> LockOf:
    """Return a function that locks lines for Python 3.11."""

    def lock(
        *lines: str, allow_sources: bool = True, added: tuple[str, ...] = (), **packages: Any
    ) -> Lock:
        locking = Locking(
            uv=Uv(index_url=index.url, timeout_s=30),
            index=PackageIndex(index_url=index.url),
            allow_sources=allow_sources,
        )
        model = ModelPackages(requirements="\n".join(lines), **packages)
        return locking.lock(model, python="3.11", added=added)

    return lock
