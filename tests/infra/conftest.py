"""Each environment's template, synthesized once."""

import pytest

from tests.infra.synthesized import Synthesized, template_of


@pytest.fixture(scope="session")
def production() -> Synthesized:
    return template_of("production")


@pytest.fixture(scope="session")
def local() -> Synthesized:
    return template_of("local")
