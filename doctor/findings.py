"""A finding, and how it is printed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """The grade of a finding; only `WRONG` makes the exit code 1."""

    OK = "ok"
    NOTE = "note"
    UNKNOWN = "?"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, what was found and, where something is wrong, what to do."""

    level: Level
    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.level.value:<6}{self.subject}: {self.text}"


def ok(subject: str, text: str) -> Finding:
    return Finding(Level.OK, subject, text)


def note(subject: str, text: str) -> Finding:
    return Finding(Level.NOTE, subject, text)


def unknown(subject: str, text: str) -> Finding:
    return Finding(Level.UNKNOWN, subject, text)


def wrong(subject: str, text: str) -> Finding:
    return Finding(Level.WRONG, subject, text)


type Check = Callable[[Any], Iterator[Finding]]


def found_by(check: Check, subject: str, live: Any) -> Iterator[Finding]:
    """Yield what *check* finds; one that breaks off is a finding as well, and stops no other."""
    try:
        yield from check(live)
    except Exception as error:  # noqa: BLE001 - reported
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        yield unknown(subject, f"could not be looked at. {reason}")
