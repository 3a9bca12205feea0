"""Each environment's template, synthesized once."""

import pytest

from infra.config import LOCAL, PRODUCTION
from tests.infra.synthesized import Synthesized, synthesize


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    return synthesize(PRODUCTION, tmp_path_factory.mktemp("production"))


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    return synthesize(LOCAL, tmp_path_factory.mktemp("local"))
