"""Findings of the canary, and the table of them."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer of the real service.

    Attributes:
        fact: What was asked, e.g. `user of the container`.
        answer: What was seen, on one line.
    """

    fact: str
    answer: str


def table(findings: Iterable[Finding]) -> str:
    """Return *findings* as a Markdown table."""
    rows = [f"| {_cell(each.fact)} | {_cell(each.answer)} |" for each in findings]
    return "\n".join(["| fact | seen |", "| --- | --- |", *rows])


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
