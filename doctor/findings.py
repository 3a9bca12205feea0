"""A finding, and how it is printed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from functions.common.failures import described


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
    """Yield what *check* finds; one that breaks off is a finding as well, and stops no other.

    Services repeat in their answers what they were sent, so every finding is without secrets.
    """
    try:
        for finding in check(live):
            yield replace(finding, text=live.without_secrets(finding.text))
    except Exception as error:  # noqa: BLE001 - reported
        yield unknown(subject, f"could not be looked at. {described(error)[:300]}")
