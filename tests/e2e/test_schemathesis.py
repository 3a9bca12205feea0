"""Generated calls, valid and invalid, are answered as the API's documents say.

They begin as soon as two models are live, and go on beside the other tests.
"""

import pytest

from tests.e2e.support.generated_calls import GeneratedCalls

pytestmark = pytest.mark.begun_beside("generated_calls")


def test_the_api_answers_as_its_document_says(generated_calls: GeneratedCalls) -> None:
    """Called with a key that may operate."""
    run = generated_calls.of_api.result()

    assert 0 == run.exit_status, run.output
    assert {200, 202, 400, 401, 404, 405, 415, 422} <= run.statuses


def test_a_model_answers_as_its_document_says(generated_calls: GeneratedCalls) -> None:
    """Called with a key that may only predict."""
    run = generated_calls.of_model.result()

    assert 0 == run.exit_status, run.output
    assert {200, 400, 401, 415, 422} <= run.statuses
