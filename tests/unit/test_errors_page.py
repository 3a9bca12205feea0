"""docs/errors.md has one entry for every code, and each says what the code does."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.common import errors, problem
from functions.common.errors import ServiceError

PAGE = (Path(__file__).parents[2] / "docs/errors.md").read_text(encoding="utf-8")
ENTRY = re.compile(
    r"^## (?P<code>\w+)\n\n"
    r"(?P<status>\d{3}), (?P<retryable>[a-z0-9 ]+)\. "
    r"(?P<meaning>\S.*?)\n\n- Cause: (?P<cause>.+?)\n- Remedy: (?P<remedy>.+?)(?=\n\n## |\n*\Z)",
    flags=re.MULTILINE | re.DOTALL,
)
ENTRIES = {entry["code"]: entry for entry in ENTRY.finditer(PAGE)}


def every_error(of: type[ServiceError] = ServiceError) -> Iterator[type[ServiceError]]:
    """Return all error classes, including the base."""
    yield of
    for below in of.__subclasses__():
        yield from every_error(below)


ERRORS = [error for error in every_error() if error.__module__ == errors.__name__]


def test_every_code_has_one_entry_and_every_entry_a_code() -> None:
    """In the page's form, so that no entry is overlooked."""
    codes = {error.code for error in ERRORS}

    assert sorted(codes) == sorted(re.findall(r"^## (.*)$", PAGE, flags=re.MULTILINE))
    assert codes == ENTRIES.keys()


def retryability(code: str) -> str:
    """Return whether errors of a code are retryable, in the page's words.

    Errors that share a code can differ; the problem's `retryable` then says it.
    """
    kinds = [error for error in ERRORS if error.code == code]
    words = {
        frozenset({True}): "retryable",
        frozenset({False}): "not retryable",
        frozenset({True, False}): "mostly retryable",
    }[frozenset(error.retryable for error in kinds)]
    seconds = sorted(s for s in {error.default_retry_after_s for error in kinds} if s is not None)
    return f"{words} after {' or '.join(map(str, seconds))} s" if seconds else words


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_an_entry_says_what_the_error_does(error: type[ServiceError]) -> None:
    """Status, whether to retry, and the default pause."""
    entry = ENTRIES[error.code]

    assert error.status == int(entry["status"])
    assert retryability(error.code) == entry["retryable"]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_a_problems_type_links_to_the_entry(error: type[ServiceError]) -> None:
    """A heading's anchor is its text in lower case."""
    type_ = problem.problem(error, detail="", request_id="")["type"]

    page, _, anchor = type_.partition("#")
    assert ("https://docs.hokus.ai/model-serving/errors", error.code) == (page, anchor)
    assert error.code == error.code.lower()


def test_entries_are_sorted_by_status() -> None:
    """A reader who has only a status finds its codes side by side."""
    statuses = [int(entry["status"]) for entry in ENTRIES.values()]

    assert sorted(statuses) == statuses


def test_only_retryable_errors_have_a_pause() -> None:
    """Waiting does not help with others."""
    assert [] == [error for error in ERRORS if error.default_retry_after_s and not error.retryable]
