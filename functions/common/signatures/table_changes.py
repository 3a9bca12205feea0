"""Differences between two versions' columns or tensors."""

from collections.abc import Iterator, Sequence

from functions.common.deployments.record import Change
from functions.common.signatures.specification import ANY_LENGTH, Column, Tensor
from functions.common.signatures.type_changes import Side, added, quoted, type_changes
from functions.common.signatures.values import element_schema

_NAMING = {type(None): "no names", str: "names"}


def column_changes(old: Sequence[Column], new: Sequence[Column], side: Side) -> Iterator[Change]:
    """Yield what changes between columns; neither list is empty."""
    noun = "output column" if side.answer else "column"
    naming = [_NAMING.get(type(each[0].name), "numbers for names") for each in (old, new)]
    if naming[0] != naming[1]:
        text = f"The {noun}s had {naming[0]} and have {naming[1]} now."
        yield Change(text=text, breaking=True)
    elif old[0].name is None:
        yield from _by_place(noun, old, new, side)
    else:
        yield from _by_name(noun, old, new, side)


def _by_place(
    noun: str, old: Sequence[Column], new: Sequence[Column], side: Side
) -> Iterator[Change]:
    if len(old) != len(new):
        text = f"There are {len(new)} {noun}s without names where there were {len(old)}."
        yield Change(text=text, breaking=True)
    for place, (before, after) in enumerate(zip(old, new, strict=False)):
        yield from type_changes(noun, str(place), before.type, after.type, side)


def _by_name(
    noun: str, old: Sequence[Column], new: Sequence[Column], side: Side
) -> Iterator[Change]:
    before = {str(each.name): each.type for each in old}
    after = {str(each.name): each.type for each in new}
    for name, value in before.items():
        if name in after:
            yield from type_changes(noun, name, value, after[name], side)
        else:
            yield _gone(noun, name, side)
    keeps_places = len(before) > 1 and list(after)[: len(before)] == list(before)
    for name, value in after.items():
        if name in before:
            continue
        if side.answer and not keeps_places:
            text = (
                f"The {noun} {quoted(name)} is new, and not behind two or more others: in answers "
                "that are lists, values stand at other places."
            )
            yield Change(text=text, breaking=True, place=name)
        else:
            yield added(noun, name, value, side)
    if [name for name in before if name in after] != [name for name in after if name in before]:
        text = f"The {noun}s are in another order."
        yield Change(text=text, breaking=side.answer)


def _gone(noun: str, name: str, side: Side) -> Change:
    ignored = "" if side.answer else ": what callers send for it is ignored"
    return Change(text=f"The {noun} {quoted(name)} is gone{ignored}.", breaking=True, place=name)


def tensor_changes(old: Sequence[Tensor], new: Sequence[Tensor], side: Side) -> Iterator[Change]:
    """Yield what changes between tensors; neither list is empty."""
    noun = "output tensor" if side.answer else "tensor"
    before = {each.name: each for each in old}
    after = {each.name: each for each in new}
    if (None in before) != (None in after):
        naming = ("had a name", "has none") if None in after else ("had no name", "has one")
        yield Change(text=f"The {noun} {naming[0]} and {naming[1]} now.", breaking=True)
        return
    for name, tensor in before.items():
        if name in after:
            yield from _of_tensor(noun, tensor, after[name], side)
        else:
            yield _gone(noun, str(name), side)
    for name in after.keys() - before.keys():
        text = f"The {noun} {quoted(str(name))} is new."
        yield Change(text=text, breaking=not side.answer or len(before) == 1, place=str(name))


def _of_tensor(noun: str, old: Tensor, new: Tensor, side: Side) -> Iterator[Change]:
    place = old.name or ""
    which = f"The {noun} {quoted(place)}" if place else f"The {noun}"
    if old.dtype != new.dtype:
        elements = (element_schema(each, answer=side.answer) for each in (old, new))
        yield Change(
            text=f"{which} changes from {old.dtype} to {new.dtype}.",
            breaking=not side.fits(*elements),
            place=place,
        )
    if old.shape != new.shape:
        wider, narrower = (old.shape, new.shape) if side.answer else (new.shape, old.shape)
        fits = len(wider) == len(narrower) and all(
            size in {ANY_LENGTH, least} for size, least in zip(wider, narrower, strict=True)
        )
        text = f"{which} changes its shape from {_words(old.shape)} to {_words(new.shape)}."
        yield Change(text=text, breaking=not fits, place=place)


def _words(shape: tuple[int, ...]) -> str:
    return f"({', '.join('any' if size == ANY_LENGTH else str(size) for size in shape)})"
