"""A model that was logged and registered in an environment of its own, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.support.api_client import ApiClient


def assert_equal(expected: Any, actual: Any) -> None:
    """Assert that two JSON values are equal; of numbers, all but the last digits of a float32."""
    if isinstance(expected, Mapping):
        assert expected.keys() == actual.keys()
        for key, value in expected.items():
            assert_equal(value, actual[key])
    elif isinstance(expected, list):
        assert len(expected) == len(actual), actual
        for each, other in zip(expected, actual, strict=True):
            assert_equal(each, other)
    elif isinstance(expected, float):
        assert pytest.approx(expected, rel=1e-6, abs=1e-12) == actual
    else:
        assert expected == actual


@dataclass(frozen=True, slots=True)
class LoggedModel:
    """What `log_models.py` prints of a model."""

    name: str
    version: str
    body: dict[str, Any]
    predictions: Any

    def assert_live(self, client: ApiClient) -> dict[str, Any]:
        """Wait until it is live, and assert that the API predicts as the model itself does.

        Returns: The deployment.
        """
        deployment = client.wait_until_live(self.name, self.version)
        answer = client.predict(self.name, self.body)
        assert 200 == answer.status_code, answer.text
        assert_equal(self.predictions, answer.json()["predictions"])
        return deployment
