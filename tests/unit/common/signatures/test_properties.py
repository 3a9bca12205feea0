"""Properties of the checks, for random signatures and bodies."""

from random import Random
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from functions.common.errors import Fault
from functions.common.signatures.answer_schema import answer_schema
from functions.common.signatures.check import CompiledSchema, mismatch
from functions.common.signatures.request_schema import request_schema
from tests.differential.bodies import FORMS, change, good_body, value
from tests.differential.differences import at
from tests.differential.signatures import Signature, by_hand, made_up

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
