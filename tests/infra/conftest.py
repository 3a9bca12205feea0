"""Each environment's template, synthesized once."""

from pathlib import Path

import pytest

from infra.config import LOCAL, PRODUCTION
from tests.infra.synthesized import Synthesized, synthesize


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker for all of them: they share templates and bundles, which take seconds to make."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("infra"))


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    return synthesize(PRODUCTION, tmp_path_factory.mktemp("production"))


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    return synthesize(LOCAL, tmp_path_factory.mktemp("local"))
