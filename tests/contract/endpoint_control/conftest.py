"""The endpoint control under test: tests with `system` run on the fake and on Hugging Face's."""

import pytest

from tests.contract.endpoint_control.systems import (
    FakeSystem,
    HuggingFaceSystem,
    System,
)


@pytest.fixture(params=[FakeSystem, HuggingFaceSystem], ids=["fake", "huggingface"])
def system(request: pytest.FixtureRequest) -> System:
    """The fake, then Hugging Face's."""
    made: System = request.param()
    return made
