"""What a version's signature changes for the callers of another version.

A request is unbroken when every body that the old version takes is taken by the new one, an answer
when every answer that the new version may give is one that the old one may give. What is sent for
a column or a param that is gone would be ignored without a word, so that breaks callers as well.
Names that no signature declares are left out of account (see `inclusion`). Sentences come of the
signatures; where they show no fault, the schemas are compared, so that none goes unseen.
"""

from collections.abc import Iterator, Sequence
from itertools import chain

from functions.common.deployments.record import Change, Deployment, ModelContract
from functions.common.signatures.answer_schema import answer_schema
from functions.common.signatures.chat import is_conversation
from functions.common.signatures.inclusion import alternatives, takes_all
from functions.common.signatures.request_schema import param_schema, request_schema
from functions.common.signatures.specification import (
    Param,
    Spec,
    read_columns,
    read_tensors,
)
from functions.common.signatures.table_changes import column_changes, tensor_changes
from functions.common.signatures.type_changes import ANSWER, REQUEST, Side, quoted


def deployment_changes(old: Deployment, new: Deployment) -> list[Change]:
    """Return what *new* changes for callers of *old*, both validated; breaking changes first.

    The signature of a Hub source is what MLflow would make of it, and counts for nothing.
    """
    hub = [each.package.is_hub_source for each in (old, new)]
    if hub == [False, False]:
        return contract_changes(old.contract, new.contract)
    if hub == [True, True] and old.package.task == new.package.task:
        return []
    text = "The Hub source is for another task." if all(hub) else _OTHER_CODE
    return [Change(text=text, breaking=True)]


_OTHER_CODE = (
    "One of the versions is served from its Hub source and the other by MLflow: they take and "
    "return other forms."
)


def contract_changes(old: ModelContract, new: ModelContract) -> list[Change]:
    """Return what *new* changes for callers of *old*, breaking changes first; places in order."""
    requests = [*_table(old.inputs, new.inputs, REQUEST), *_params(old.params, new.params)]
    if not _breaks(requests):
        requests += _refused_forms(old, new)
    answers = [*_table(old.outputs, new.outputs, ANSWER)]
    if not _breaks(answers):
        answers += _other_answers(old, new)
    return sorted(chain(requests, answers), key=lambda each: not each.breaking)


def _breaks(changes: Sequence[Change]) -> bool:
    return any(each.breaking for each in changes)


def _table(old: Sequence[Spec] | None, new: Sequence[Spec] | None, side: Side) -> Iterator[Change]:
    if old == new:
        return
    noun = "outputs" if side.answer else "inputs"
    if not old or not new:
        text = f"The signature has {noun} now." if new else f"The signature has no {noun} now."
        yield Change(text=text, breaking=bool(old) if side.answer else bool(new))
        return
    tensors, columns = (
        (read_tensors(old), read_tensors(new)),
        (read_columns(old), read_columns(new)),
    )
    if all(tensors):
        yield from tensor_changes(*tensors, side)
    elif all(columns):
        yield from column_changes(*columns, side)
    else:
        kinds = ("columns", "tensors") if tensors[1] else ("tensors", "columns")
        yield Change(text=f"The {noun} were {kinds[0]} and are {kinds[1]} now.", breaking=True)


def _params(old: Sequence[Spec] | None, new: Sequence[Spec] | None) -> Iterator[Change]:
    before = {each.name: each for each in map(Param.read, old or ())}
    after = {each.name: each for each in map(Param.read, new or ())}
    for name, param in before.items():
        if name in after:
            yield from _param(param, after[name])
        else:
            text = f"The param {quoted(name)} is gone: what callers send for it is ignored."
            yield Change(text=text, breaking=True, place=name)
    for name in after:
        if name not in before:
            # MLflow fills in the default, be it null.
            yield Change(text=f"The param {quoted(name)} is new.", breaking=False, place=name)


def _param(old: Param, new: Param) -> Iterator[Change]:
    which = f"The param {quoted(old.name)}"
    if (old.type, old.listed) != (new.type, new.listed):
        kinds = [f"{'list of ' * each.listed}{each.type.kind}" for each in (old, new)]
        fits = REQUEST.fits(param_schema(old), param_schema(new))
        text = f"{which} changes from {kinds[0]} to {kinds[1]}."
        yield Change(text=text, breaking=not fits, place=old.name)
    if old.default != new.default:
        text = f"{which} has another default: answers to requests without it may differ."
        yield Change(text=text, breaking=False, place=old.name)


def _refused_forms(old: ModelContract, new: ModelContract) -> Iterator[Change]:
    """Yield the forms of a body of which some that fitted may fit no more."""
    if (old.inputs, old.params) == (new.inputs, new.params):
        return
    schemas = [request_schema(each.inputs, each.params or []) for each in (old, new)]
    if not schemas[0] or not schemas[1]:
        return
    for form in alternatives(schemas[0]):
        if not any(takes_all(each, form) for each in alternatives(schemas[1])):
            described = form["description"]
            yield Change(
                text=f"What fitted as {described} may fit no more.",
                breaking=True,
                place=described.removeprefix("a body with "),
            )


def _other_answers(old: ModelContract, new: ModelContract) -> Iterator[Change]:
    """Yield whether answers may have another form; columns at their end are left out of account."""
    if not old.outputs or not new.outputs:
        return
    kept = _without_added(old.outputs, new.outputs)
    known = answer_schema(old.outputs, of_chat=is_conversation(old.inputs))
    given = answer_schema(kept, of_chat=is_conversation(new.inputs))
    if known and given and not takes_all(known, given):
        yield Change(text="Answers may have another form.", breaking=True)


def _without_added(old: Sequence[Spec], new: Sequence[Spec]) -> Sequence[Spec]:
    names = {each.get("name") for each in old}
    return [each for each in new if each.get("name") in names]
