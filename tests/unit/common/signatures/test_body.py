"""The fields of a predict body."""

from itertools import combinations
from typing import Any

import pytest

from functions.common.errors import InvalidRequestError
from functions.common.providers.huggingface.runtime import predicting
from functions.common.signatures.body import INPUT_FORMATS, PARAMETER_NAMES, RequestBody
from functions.common.signatures.check import check_fields


@pytest.mark.parametrize("name", INPUT_FORMATS)
@pytest.mark.parametrize("parameters", [(), *((each,) for each in PARAMETER_NAMES)])
def test_one_input_and_at_most_one_set_of_parameters_pass(
    name: str, parameters: tuple[str, ...]
) -> None:
    """In any combination."""
    check_fields(RequestBody.of({name: 1} | {each: {} for each in parameters}))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"params": {}},
        {"inputs": 1, "unknown": 2},
        *({first: 1, second: 1} for first, second in combinations(INPUT_FORMATS, 2)),
        *({"inputs": 1, one: {}, two: {}} for one, two in combinations(PARAMETER_NAMES, 2)),
    ],
)
def test_any_other_combination_is_refused(body: dict[str, Any]) -> None:
    """Unknown fields too."""
    with pytest.raises(InvalidRequestError):
        check_fields(RequestBody.of(body))


def test_the_endpoint_knows_the_same_names() -> None:
    """Its handler is copied to the endpoint and cannot import ours."""
    assert INPUT_FORMATS == predicting.BODY_KEYS
    assert PARAMETER_NAMES == predicting.PARAMS_KEYS
