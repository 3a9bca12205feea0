"""Columns named by numbers, as those of `pd.DataFrame(array)`: what MLflow takes, and nothing else.

Names in JSON objects are text, by which MLflow finds no number.
"""

import json
from typing import Any

import pytest

from functions.common.errors import InvalidInputError
from functions.common.signatures.body import RequestBody
from functions.common.signatures.check import InputValidator
from functions.common.signatures.request_schema import request_schema
from tests.builders import a_live_deployment
from tests.differential.endpoint import Endpoint
from tests.differential.signatures import Signature, column

VALUES = {"double": 1.5, "string": "x", "long": 3}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Endpoint:
    return Endpoint(tmp_path_factory.mktemp("endpoint"))


def is_taken(signature: Signature, body: Any) -> bool:
    deployment = a_live_deployment(request_schema=request_schema(signature.inputs, None))
    try:
        InputValidator().check(deployment, RequestBody.of(body))
    except InvalidInputError:
        return False
    return True


def split(columns: Any, *row: Any) -> Any:
    given = {} if columns is None else {"columns": columns}
    return {"dataframe_split": {**given, "data": [list(row)]}}


@pytest.mark.parametrize(
    ("names", "kinds", "body", "taken"),
    [
        ([0, 1], ["double", "double"], split([0, 1], 1.5, 2), True),
        ([0, 1], ["double", "double"], split([1, 0], 1.5, 2), True),
        ([0, 1], ["double", "double"], split(None, 1.5, 2), True),
        ([0, 1], ["double", "double"], {"inputs": [[1.5, 2]]}, True),
        ([0, 1], ["double", "double"], {"instances": [[1.5, 2]]}, True),
        ([0, 1], ["double", "double"], {"inputs": [[1.5]]}, False),
        ([0, 1], ["double", "double"], split([0], 1.5), False),
        ([0, 1], ["double", "double"], split(["0", "1"], 1.5, 2), False),
        ([0, 1], ["double", "double"], split([0, 1], "x", "y"), False),
        ([0, 1], ["double", "double"], {"dataframe_records": [{"0": 1.5, "1": 2}]}, False),
        ([0, 1], ["double", "double"], {"inputs": {"0": [1.5], "1": [2]}}, False),
        ([0, 1], ["double", "string"], split([0, 1], 1.5, "x"), True),
        ([0, 1], ["double", "string"], split(None, 1.5, "x"), True),
        ([0, 1], ["double", "string"], {"inputs": [[1.5, "x"]]}, False),
        ([0], ["double"], {"inputs": [1.5, 2]}, True),
        ([0], ["double"], {"inputs": [[1.5]]}, False),
        ([0], ["double"], split([0], 1.5), True),
        ([2, 5], ["long", "long"], split([2, 5], 1, 2), True),
        ([2, 5], ["long", "long"], split(None, 1, 2), False),
        ([2, 5], ["long", "long"], {"inputs": [[1, 2]]}, False),
        ([0.5, 1.5], ["double", "long"], split([0.5, 1.5], 1.5, 2), True),
        (["a", 1], ["double", "string"], split(["a", 1], 1.5, "x"), True),
        (["a", 1], ["double", "string"], split(["a", "1"], 1.5, "x"), False),
    ],
)
def test_mlflow_and_we_agree(
    endpoint: Endpoint, names: list[Any], kinds: list[str], body: Any, taken: bool
) -> None:
    """Real MLflow, with the signature as it reads it."""
    signature = Signature([column(kind, name) for kind, name in zip(kinds, names, strict=True)])

    refusal = endpoint.refusal(signature, json.dumps(body).encode())

    assert (taken, taken) == (refusal is None, is_taken(signature, body)), refusal
