"""Differences between two versions' types of one value, at every depth."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from functions.common.deployments.record import Change
from functions.common.packages.requirement_lines import shown as one_line
from functions.common.signatures.inclusion import takes_all
from functions.common.signatures.specification import ValueType
from functions.common.signatures.values import JsonSchema, value_schema

_NAME_CHARACTERS = 60
_ANY = ValueType("any")


@dataclass(frozen=True, slots=True)
class Side:
    """Requests or answers: of a request the new version must take what the old one takes, of an
    answer the old one's callers must be able to take what the new one gives."""

    answer: bool

    def fits(self, old: JsonSchema, new: JsonSchema) -> bool:
        """Return whether callers of the *old* version get on with the *new* one."""
        return takes_all(old, new) if self.answer else takes_all(new, old)

    def takes(self, old: ValueType, new: ValueType) -> bool:
        """Return the same for values of these types.

        Bytes are text in JSON, but what is read as the one is not read as the other.
        """
        if {old.kind, new.kind} == {"binary", "string"}:
            return False
        return self.fits(*(value_schema(each, answer=self.answer) for each in (old, new)))


REQUEST, ANSWER = Side(answer=False), Side(answer=True)


def quoted(place: str) -> str:
    """Return *place* as a sentence names it: of a bounded length, in one line."""
    return f"`{one_line(place, _NAME_CHARACTERS)}`"


def type_changes(
    noun: str, place: str, old: ValueType, new: ValueType, side: Side
) -> Iterator[Change]:
    """Yield what changes for the value at *place*, which sentences call by its *noun*."""
    if old.required != new.required:
        yield _requirement(noun, place, new, side)
    old, new = replace(old, required=True), replace(new, required=True)
    if old == new:
        return
    match old.kind, new.kind:
        case "object", "object":
            yield from _properties(place, old, new, side)
        case "array", "array":
            parts = (old.items or _ANY, new.items or _ANY)
            yield from type_changes("item", f"{place}[]", *parts, side)
        case "map", "map":
            parts = (old.values or _ANY, new.values or _ANY)
            yield from type_changes("value", f"{place}[]", *parts, side)
        case _:
            text = f"The {noun} {quoted(place)} changes from {_words(old)} to {_words(new)}."
            yield Change(text=text, breaking=not side.takes(old, new), place=place)


def _requirement(noun: str, place: str, new: ValueType, side: Side) -> Change:
    if new.required:
        text = "is always there now" if side.answer else "is required now"
    else:
        text = "may be missing or null now" if side.answer else "may be left out now"
    sentence = f"The {noun} {quoted(place)} {text}."
    return Change(text=sentence, breaking=new.required != side.answer, place=place)


def _properties(place: str, old: ValueType, new: ValueType, side: Side) -> Iterator[Change]:
    for name, inner in old.properties.items():
        inside = f"{place}.{name}"
        if name in new.properties:
            yield from type_changes("property", inside, inner, new.properties[name], side)
        else:
            yield Change(
                text=f"The property {quoted(inside)} is gone.", breaking=True, place=inside
            )
    for name, inner in new.properties.items():
        if name not in old.properties:
            yield added("property", f"{place}.{name}", inner, side)


def added(noun: str, place: str, value: ValueType, side: Side) -> Change:
    """Return the change that *value* is new at *place*."""
    breaks = value.required and not side.answer
    text = f"The {noun} {quoted(place)} is new{' and required' if breaks else ''}."
    return Change(text=text, breaking=breaks, place=place)


def _words(value: ValueType) -> str:
    match value.kind:
        case "array":
            return f"array of {_words(value.items or _ANY)}"
        case "map":
            return f"map of {_words(value.values or _ANY)}"
    return one_line(value.kind, _NAME_CHARACTERS)
