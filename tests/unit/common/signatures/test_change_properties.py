"""Properties of the comparison of signatures, for random pairs of them and random bodies."""

from copy import deepcopy
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from functions.common.deployments.record import ModelContract
from functions.common.signatures.answer_schema import answer_schema
from functions.common.signatures.changes import contract_changes
from functions.common.signatures.chat import takes_chat
from functions.common.signatures.check import CompiledSchema
from functions.common.signatures.request_schema import request_schema
from tests.differential.bodies import FIELDS, FORMS, change, good_body
from tests.differential.signatures import (
    CHATS,
    DTYPES,
    NESTED,
    PARAMS,
    SCALARS,
    Signature,
    by_hand,
    column,
    made_up,
)

randoms = st.integers(0, 2**64).map(Random)
"""Seeds: the thousands of choices behind a pair and its bodies would be slow to draw one by one."""
KINDS: list[Any] = [*SCALARS, *NESTED, "any"]


def a_signature(random: Random) -> Signature:
    if random.random() < 0.1:
        return random.choice(CHATS)
    return random.choice([*by_hand(), *made_up(3, random)])


def a_successor(signature: Signature, random: Random) -> Signature:
    """Return *signature* with one to three changes, or another one."""
    if random.random() < 0.05 or signature.inputs is None:
        return a_signature(random)
    specs, params = deepcopy(signature.inputs), deepcopy(signature.params)
    for _ in range(random.choice([1, 1, 2, 3])):
        params = random.choice(PARAMS) if random.random() < 0.15 else params
        alter(specs, random)
    return Signature(specs, params)


def alter(specs: list[dict[str, Any]], random: Random) -> None:
    """Change one thing of a signature's columns or tensors."""
    spec, choice = random.choice(specs), random.random()
    if spec["type"] == "tensor":
        inner = spec["tensor-spec"]
        if choice < 0.4:
            inner["dtype"] = random.choice(DTYPES)
        else:
            place = random.randrange(len(inner["shape"]))
            inner["shape"][place] = random.choice([-1, -1, 1, 2, 3])
    elif choice < 0.25:
        alter_type(spec, random)
    elif choice < 0.5:
        spec["required"] = not spec["required"] or "name" not in spec
    elif choice < 0.7 and len(specs) > 1:
        specs.remove(spec)
    elif choice < 0.8:
        random.shuffle(specs)
    else:
        required = "name" not in spec or random.random() < 0.3
        name = f"new{len(specs)}" if "name" in spec else None
        specs.insert(
            random.randint(0, len(specs)),
            column(deepcopy(random.choice(KINDS)), name, required=required),
        )


def alter_type(spec: dict[str, Any], random: Random) -> None:
    """Change the type of a column, or something inside it."""
    inner = [spec.get("items"), spec.get("values"), *(spec.get("properties") or {}).values()]
    inside = [each for each in inner if each]
    if inside and random.random() < 0.7:
        part = random.choice(inside)
        if random.random() < 0.3:
            part["required"] = not part.get("required", True)
        else:
            alter_type(part, random)
        return
    kept = {name: spec[name] for name in ("name", "required") if name in spec}
    kind = random.choice(KINDS)
    spec.clear()
    spec.update(deepcopy(kind if isinstance(kind, dict) else {"type": kind}) | kept)


def contract(signature: Signature) -> ModelContract:
    return ModelContract(inputs=signature.inputs, params=signature.params)


def outputs(signature: Signature) -> ModelContract:
    return ModelContract(inputs=[column("double")], outputs=signature.inputs)


def fits(signature: Signature, body: dict[str, Any]) -> bool:
    schema = request_schema(signature.inputs, signature.params)
    return schema is None or not CompiledSchema(schema).body_faults(body)


def breaks(old: ModelContract, new: ModelContract) -> bool:
    return any(each.breaking for each in contract_changes(old, new))


def undeclared(signature: Signature, body: dict[str, Any]) -> bool:
    """Return whether *body* has a column or a param that *signature* does not declare: what a
    version ignores is not what its successor must take."""
    return (
        "new" in str(body)
        or "extra" in str(body)
        or (not signature.params and bool(body.keys() & {"params", "parameters", "options"}))
    )


def a_pair(random: Random, made: Any) -> tuple[Signature, Signature]:
    """Return a signature and a successor that breaks nobody by the contracts *made* of them."""
    for _ in range(200):
        old = a_signature(random)
        new = a_successor(old, random)
        if old.inputs and new.inputs and old != new and not breaks(made(old), made(new)):
            return old, new
    raise AssertionError("No pair was found.")


@settings(max_examples=300)
@given(randoms)
def test_what_breaks_nobody_takes_every_body(random: Random) -> None:
    """Of every form, also bodies that are no good examples and fit all the same."""
    old, new = a_pair(random, contract)
    for form in (*FORMS, *((FIELDS,) if takes_chat(old.inputs) else ())):
        for _ in range(4):
            body = good_body(old, form, random)
            for _ in range(random.choice([0, 0, 1, 2])):
                change(body, random)
            if fits(old, body) and not undeclared(old, body):
                assert fits(new, body), (old, new, body)


def answers(signature: Signature, random: Random) -> list[Any]:
    """Return answers of a model with the outputs *signature*, in the forms of a body's inputs."""
    found = []
    for form in ("inputs", "dataframe_records", "instances", "dataframe_split"):
        answer = good_body(signature, form, random)[form]
        found.append(answer["data"] if form == "dataframe_split" else answer)
    return found


def without_added(answer: Any, old: Signature) -> Any:
    """Return *answer* without the columns that follow those of *old* in its rows."""
    size = len(old.inputs or ())
    if size > 1 and isinstance(answer, list) and all(isinstance(each, list) for each in answer):
        return [row[:size] for row in answer]
    return answer


@settings(max_examples=300)
@given(randoms)
def test_what_breaks_nobody_answers_as_before(random: Random) -> None:
    """An answer of the new version, but for columns at its end, is one that the old may give."""
    old, new = a_pair(random, outputs)
    known, given_ = answer_schema(old.inputs), answer_schema(new.inputs)
    assert known
    assert given_
    for answer in answers(new, random):
        for _ in range(3):
            body = {"answer": deepcopy(answer)}
            for _ in range(random.choice([0, 0, 1])):
                change(body, random)
            changed, is_table = body["answer"], (new.inputs or [{}])[0]["type"] != "tensor"
            if not CompiledSchema(given_).faults(changed):
                kept = without_added(changed, old) if is_table else changed
                assert not CompiledSchema(known).faults(kept), (old, new, changed)
