"""Checks of inputs, and the faults that a caller is shown."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from functions.common.deployments.record import Deployment
from functions.common.errors import Fault, InvalidInputError
from functions.common.signatures.body import RequestBody
from functions.common.signatures.check import MAX_FAULTS, SCHEMAS_KEPT, InputValidator
from functions.common.signatures.explanation import MAX_POINTER_CHARACTERS
from functions.common.signatures.request_schema import request_schema
from functions.common.signatures.tables import MAX_UNKNOWN_COLUMNS
from tests.builders import a_live_deployment, changed
from tests.differential.signatures import (
    Signature,
    a_map,
    an_object,
    array,
    column,
    param,
    tensor,
)

CREDIT = Signature(
    [column("long", "age"), column("double", "income"), column("string", "city", required=False)],
    [param("long", 3, "top"), param("string", "x", "name")],
)
NESTED = Signature(
    [
        column(array("long"), "sizes"),
        column(an_object(k="string", n_="double"), "thing"),
        column(a_map("double"), "by/name~"),
    ]
)
IMAGE = Signature([tensor("uint8", -1, 2, 2)])
GOOD = {"age": 31, "income": 1200.5}


def serving(signature: Signature) -> Deployment:
    return a_live_deployment(request_schema=request_schema(signature.inputs, signature.params))


def faults(signature: Signature, body: Any) -> list[tuple[str, str]]:
    """Return pointers and messages; empty if the body is valid."""
    try:
        InputValidator().check(serving(signature), RequestBody.of(body))
    except InvalidInputError as error:
        return [(fault.pointer, fault.message) for fault in error.faults]
    return []


@pytest.mark.parametrize(
    ("signature", "body"),
    [
        (CREDIT, {"inputs": [GOOD, {**GOOD, "city": "Köln", "extra": [1]}]}),
        (CREDIT, {"inputs": {"age": [31, 32], "income": [0.5, None]}, "params": {"top": 5}}),
        (CREDIT, {"instances": [{"age": 31.0, "income": 1}], "options": {"unknown": {}}}),
        (CREDIT, {"dataframe_records": [{"age": 31.0, "income": None, "city": None}]}),
        (CREDIT, {"dataframe_split": {"columns": ["income", "age"], "data": [[0.5, 31]]}}),
        (CREDIT, {"dataframe_split": {"columns": ["income", 5, "age"], "data": [[0.5, "x", 31]]}}),
        (NESTED, {"inputs": [{"sizes": [1], "thing": {"k": "x"}, "by/name~": {"a": 0.5}}]}),
        (IMAGE, {"inputs": [[[0, 255], [1, 2]]]}),
        (IMAGE, {"dataframe_split": {"data": [[[0, 255, 1, 2]]]}}),
    ],
)
def test_a_valid_input_passes(signature: Signature, body: dict[str, Any]) -> None:
    """In every form."""
    assert [] == faults(signature, body)


@pytest.mark.parametrize(
    ("signature", "body", "expected"),
    [
        (
            CREDIT,
            {"inputs": [{"age": "many", "income": 0.5}, {"age": 31, "income": "much"}]},
            [
                ("/inputs/0/age", "should be a whole number"),
                ("/inputs/1/income", "should be a number"),
            ],
        ),
        (CREDIT, {"inputs": [{"income": 0.5}]}, [("/inputs/0", 'should have "age"')]),
        (CREDIT, {"inputs": [{"age": 31}]}, [("/inputs/0", 'should have "income"')]),
        (
            CREDIT,
            {"inputs": {"age": [31, None], "income": "x"}},
            [
                ("/inputs/age/1", "should be a whole number"),
                ("/inputs/income", "should be a list with a value for every row"),
            ],
        ),
        (CREDIT, {"inputs": {"age": 31}}, [("/inputs", 'should have "income"')]),
        (
            CREDIT,
            {"inputs": "hello"},
            [("/inputs", "should be a list of rows, or columns by their names")],
        ),
        (
            CREDIT,
            {"instances": [GOOD, 7]},
            [("/instances/1", "should be a row by its columns' names")],
        ),
        (
            CREDIT,
            {"dataframe_records": {"age": [31]}},
            [("/dataframe_records", "should be a list of rows")],
        ),
        (
            CREDIT,
            {"dataframe_split": {"columns": ["income", "age"], "data": [[0.5, 1], ["x", None]]}},
            [
                ("/dataframe_split/data/1/0", "should be a number"),
                ("/dataframe_split/data/1/1", "should be a whole number"),
            ],
        ),
        (
            CREDIT,
            {"dataframe_split": {"columns": ["age"], "data": [[31]]}},
            [("/dataframe_split/columns", 'should have the column "income"')],
        ),
        (
            CREDIT,
            {"dataframe_split": {"columns": ["age", "income"], "data": [[31, 0.5, 1]]}},
            [
                (
                    "/dataframe_split/data/0",
                    "should be a list of 2 values, one for each of `columns`",
                )
            ],
        ),
        (
            CREDIT,
            {"dataframe_split": {"columns": ["age", "income"]}},
            [("/dataframe_split", 'should have "data"')],
        ),
        (
            CREDIT,
            {"inputs": [GOOD], "parameters": {"top": "five", "name": 1}},
            [
                ("/parameters/top", "should be a whole number"),
                ("/parameters/name", "should be a string"),
            ],
        ),
        (
            NESTED,
            {"inputs": [{"sizes": [1, "x"], "thing": {"l": 1}, "by/name~": {"a": "x"}}]},
            [
                ("/inputs/0/sizes/1", "should be a whole number"),
                ("/inputs/0/thing", 'should have "k"'),
                ("/inputs/0/thing/l", "is not known to the model"),
                ("/inputs/0/by~1name~0/a", "should be a number"),
            ],
        ),
        (
            CREDIT,
            {"inputs": [{"age": "31", "income": True}, {"age": 2.5, "income": None, "city": 1}]},
            [
                ("/inputs/0/age", "should be a whole number"),
                ("/inputs/0/income", "should be a number"),
                ("/inputs/1/age", "should be a whole number"),
                ("/inputs/1/city", "should be a string"),
            ],
        ),
        (
            IMAGE,
            {"inputs": [[[0, 256], [1, 2]], [[1, 2]]]},
            [
                ("/inputs/0/0/1", "should be a whole number from 0 to 255"),
                ("/inputs/1", "should be a list of shape (2, 2)"),
            ],
        ),
        (
            IMAGE,
            {"dataframe_split": {"data": [[[0, 1, 2]]]}},
            [("/dataframe_split/data/0/0", "should be a list of 4 values")],
        ),
    ],
)
def test_faults_have_the_place_and_what_is_expected(
    signature: Signature, body: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    """The smallest part that is wrong, and its expected type in words."""
    assert expected == faults(signature, body)


def test_nothing_that_was_sent_is_quoted() -> None:
    """No value in any form; names appear in pointers only."""
    canary = "canary-5161"
    row = {"age": canary, "income": [canary], "city": {canary: 1}}
    forms = {
        "inputs": [row],
        "instances": {"age": [canary], "income": canary},
        "dataframe_records": [row],
        "dataframe_split": {"columns": ["age", "income", canary], "data": [[canary, canary, 1]]},
    }
    for form, value in forms.items():
        found = faults(CREDIT, {form: value, "params": {"top": canary}})

        assert found
        assert canary not in json.dumps(found)


def test_faults_are_limited() -> None:
    """Only the first ones are reported."""
    rows = [{"age": "x", "income": 0.5} for _ in range(1_000)]

    found = faults(CREDIT, {"inputs": rows})

    assert [f"/inputs/{at}/age" for at in range(MAX_FAULTS)] == [pointer for pointer, _ in found]


def test_a_long_pointer_is_cut() -> None:
    """A name in the body can have megabytes."""
    found = faults(NESTED, {"dataframe_records": [{"thing": {"k": "x", "l" * 10_000: 1}}]})

    assert max(len(pointer) for pointer, _ in found) == MAX_POINTER_CHARACTERS


def test_the_problem_summarizes_the_faults() -> None:
    """In one sentence, beside the list."""
    with pytest.raises(InvalidInputError) as raised:
        InputValidator().check(
            serving(CREDIT), RequestBody.of({"inputs": [{"age": "x", "income": 1}]})
        )

    assert (Fault("/inputs/0/age", "should be a whole number"),) == raised.value.faults
    assert (
        "The input is not what the model's signature asks for; `errors` says where."
        == raised.value.detail
    )


def test_without_a_schema_anything_passes() -> None:
    """A model without a signature, a Hub source, an old record."""
    InputValidator().check(a_live_deployment(), RequestBody.of({"inputs": {"what": "ever"}}))


def test_each_deployment_has_its_own_schema() -> None:
    """Also if more deployments are called than schemas are cached."""
    validator = InputValidator()
    deployments = [
        changed(serving(Signature([column("long" if at % 2 else "string", "a")])), id=str(at))
        for at in range(SCHEMAS_KEPT + 2)
    ]
    for _ in range(2):
        for at, deployment in enumerate(deployments):
            if at % 2:
                with pytest.raises(InvalidInputError):
                    validator.check(deployment, RequestBody.of({"inputs": [{"a": "x"}]}))
            else:
                validator.check(deployment, RequestBody.of({"inputs": [{"a": "x"}]}))


def test_a_table_with_too_many_columns_is_not_checked() -> None:
    """Its schema would be as large as the request."""
    columns = ["age", *(f"unknown {at}" for at in range(MAX_UNKNOWN_COLUMNS + 3))]

    assert [] == faults(CREDIT, {"dataframe_split": {"columns": columns, "data": [["x"]]}})
    assert [] != faults(CREDIT, {"dataframe_split": {"columns": columns[:9], "data": [["x"]]}})


def test_many_orders_of_columns_are_checked_alike() -> None:
    """Any number of them."""
    names = [f"c{at}" for at in range(12)]
    deployment = serving(Signature([column("long", name) for name in names]))
    validator = InputValidator()
    for turn in range(12):
        columns = names[turn:] + names[:turn]
        validator.check(
            deployment,
            RequestBody.of({"dataframe_split": {"columns": columns, "data": [[1] * 12]}}),
        )
        row = ["x", *[1] * 11]
        with pytest.raises(InvalidInputError):
            validator.check(
                deployment, RequestBody.of({"dataframe_split": {"columns": columns, "data": [row]}})
            )


def test_a_body_that_passes_enters_one_file_of_the_package() -> None:
    """With the schema compiled, a check is a lookup and one call of the engine."""
    validator, deployment, entered = InputValidator(), serving(CREDIT), set()
    body = RequestBody.of({"inputs": [GOOD]})
    validator.check(deployment, body)

    sys.setprofile(lambda frame, *_: entered.add(frame.f_code.co_filename))
    try:
        validator.check(deployment, body)
    finally:
        sys.setprofile(None)

    assert ["check.py"] == [
        Path(each).name
        for each in entered
        if "/common/signatures/" in each and "/tests/" not in each
    ]
