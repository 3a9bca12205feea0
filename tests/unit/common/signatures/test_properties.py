"""Properties of the checks, for random signatures and bodies."""

from random import Random
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from functions.common.errors import Fault
from functions.common.signatures.answer_schema import answer_schema
from functions.common.signatures.check import CompiledSchema, mismatch
from functions.common.signatures.request_schema import request_schema
from tests.differential.bodies import FIELDS, FORMS, change, good_body, value
from tests.differential.differences import at
from tests.differential.signatures import CHATS, Signature, by_hand, made_up

CANARY = "canary-5161"
randoms = st.randoms(use_true_random=False)


def a_signature(random: Random) -> Signature:
    return random.choice([*by_hand(), *made_up(1, random)])


def faults(signature: Signature, body: dict[str, Any]) -> list[Fault]:
    schema = request_schema(signature.inputs, signature.params)
    assert schema
    return CompiledSchema(schema).body_faults(body)


def leaves(part: Any) -> Any:
    """Yield the container and the key of every value that is no container."""
    for key, inner in part.items() if isinstance(part, dict) else enumerate(part):
        if isinstance(inner, dict | list):
            yield from leaves(inner)
        else:
            yield part, key


def suits(signature: Signature, form: str, rows: Any) -> bool:
    """Return whether the signature can take this form.

    A table cannot have a tensor whose rows vary in size, or whose number of rows is fixed; columns
    of lists and objects need rows with names.
    """
    specs = signature.inputs or []
    if form.startswith("dataframe"):
        shapes = [spec["tensor-spec"]["shape"] for spec in specs if spec["type"] == "tensor"]
        return bool(specs) and all(shape[0] == -1 and -1 not in shape[1:] for shape in shapes)
    if any(spec["type"] in {"array", "object", "map", "sparkml_vector"} for spec in specs):
        names = {spec.get("name") for spec in specs}
        by_name = (isinstance(row, dict) and row and row.keys() <= names for row in rows)
        return isinstance(rows, list) and all(by_name)
    return True


@given(randoms, st.sampled_from(FORMS))
def test_a_body_made_from_the_signature_passes(random: Random, form: str) -> None:
    """In every form."""
    signature = a_signature(random)
    body = good_body(signature, form, random)
    assume(suits(signature, form, body[form]))

    assert [] == faults(signature, body)


@given(randoms, st.sampled_from(CHATS))
def test_a_chat_models_own_body_passes(random: Random, signature: Signature) -> None:
    """With or without its optional fields and its params."""
    assert [] == faults(signature, good_body(signature, FIELDS, random))


@given(randoms, st.sampled_from(FORMS), st.integers(1, 4))
def test_faults_point_into_the_body(random: Random, form: str, changes: int) -> None:
    """The pointer resolves, or the message names the missing field."""
    signature = a_signature(random)
    body = good_body(signature, form, random)
    for _ in range(changes):
        change(body, random)

    for fault in faults(signature, body):
        at(body, fault.pointer)
        assert fault.message.startswith(("should be ", "should have ", "is not known"))


def without_rows(signature: Signature, rows: Any) -> Any:
    """Return *rows* of a body with none of them; None where every place holds one row's values."""
    if isinstance(rows, list):
        return []
    if not isinstance(rows, dict):
        return None
    if "data" in rows:
        return rows | {"data": []}
    kinds = {spec["type"] for spec in signature.inputs or []}
    is_one_row = kinds & {"any", "array", "map", "object", "sparkml_vector"}
    lists = all(isinstance(each, list) for each in rows.values())
    return {name: [] for name in rows} if rows and lists and not is_one_row else None


@given(randoms, st.sampled_from(FORMS))
def test_a_body_without_rows_is_refused(random: Random, form: str) -> None:
    """In every form, at the place of the rows: models fail on them in ways of their own."""
    signature = a_signature(random)
    assume(signature.inputs is not None)
    body = good_body(signature, form, random)
    body[form] = without_rows(signature, body[form])
    assume(body[form] is not None)

    found = faults(signature, body)

    assert found
    assert {each.pointer.split("/")[1] for each in found} == {form}
    assert any(at(body, each.pointer) in ([], body[form]) for each in found)


@given(randoms, st.sampled_from(FORMS))
def test_faults_quote_no_value(random: Random, form: str) -> None:
    """Whatever is sent, at any place."""
    signature = a_signature(random)
    body = good_body(signature, form, random)
    for container, key in list(leaves(body)):
        if random.random() < 0.5:
            container[key] = CANARY

    assert CANARY not in str(faults(signature, body))


@given(randoms)
def test_an_answer_made_from_the_signature_passes(random: Random) -> None:
    """As rows with names, and as lists in the columns' order."""
    outputs = a_signature(random).inputs
    assume(outputs and outputs[0]["type"] != "tensor" and "name" in outputs[0])
    assert outputs
    rows = [{spec["name"]: value(spec, random) for spec in outputs} for _ in range(3)]
    assume(any(container[key] is not None for container, key in leaves(rows)))

    assert mismatch(rows, answer_schema(outputs)) is None
    assert mismatch([list(row.values()) for row in rows], answer_schema(outputs)) is None
