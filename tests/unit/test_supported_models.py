"""docs/supported-models.md says what the code does."""

import inspect
import re
from pathlib import Path

import pytest

from functions.common.providers.huggingface.requirements import (
    CONTAINERS_OWN,
    ELSEWHERE,
    GPU_ONLY,
    RELEASES,
)
from functions.provision.compatibility.checks import (
    CHECKS,
    LOADERS_REFUSED,
    MAX_MODEL_BYTES,
    PICKLED,
    RUNTIME_BYTES,
)

CONTAINER_PYTHONS = ("3.11", "3.12")
PAGE = (Path(__file__).parents[2] / "docs" / "supported-models.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """What stands under the heading *title*, in one line."""
    found = re.search(rf"^## {title}$(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert found, title
    return " ".join(found[1].split())


def rows(head: str) -> list[tuple[str, ...]]:
    """The cells of the table whose head begins with *head*."""
    lines = iter(PAGE.splitlines())
    assert any(line.startswith(f"| {head} |") for line in lines), head
    next(lines)
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append(tuple(line.strip("| ").split(" | ")))
    return found


def test_every_check_is_told_in_its_own_words() -> None:
    """In the order of the reasons."""
    assert [
        (check.__name__.removeprefix("check_"), " ".join((inspect.getdoc(check) or "").split()))
        for check in CHECKS
    ] == rows("check")


def test_every_loader_that_is_refused_is_told() -> None:
    """With why."""
    expected = [(f"`{loader}`", reason) for loader, reason in LOADERS_REFUSED.items()]

    assert expected == rows("loader")


def test_every_release_is_told() -> None:
    """For each Python that an endpoint may have."""
    assert [
        (f"`{name}`", *(f"`{ranges[python]}`" if python in ranges else "any" for python in pythons))
        for name, ranges in RELEASES.items()
        for pythons in [CONTAINER_PYTHONS]
    ] == rows("package")


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Python", [f"Python {' or '.join(CONTAINER_PYTHONS)}."]),
        ("What always works", [f"Python {' or '.join(CONTAINER_PYTHONS)},"]),
        ("Python", [f"`{each}`" for each in PICKLED]),
        ("Requirements", [f"`{each}`" for each in (*CONTAINERS_OWN, *ELSEWHERE)]),
        ("Size", [f"{size / 1e9:.2f} GB" for size in (RUNTIME_BYTES, MAX_MODEL_BYTES)]),
        ("What is checked", [f"{MAX_MODEL_BYTES / 1e9:.2f} GB", f"{RUNTIME_BYTES / 1e9:g} GB"]),
    ],
)
def test_every_limit_and_name_is_told(title: str, words: list[str]) -> None:
    """Where people look for it."""
    text = section(title)

    assert [] == [word for word in words if word not in text]


def test_gpu_packages_are_told_by_name() -> None:
    """All of them, and none that is let through."""
    (told,) = re.findall(r"- packages for a GPU: .*?;\n", PAGE, flags=re.DOTALL)
    names, _, _ = GPU_ONLY.pattern.removeprefix("(").partition(")")

    assert names.split("|") == sorted(re.findall(r"`([a-z-]+)`", told))


def test_the_page_is_short() -> None:
    """Whoever opens it should come to its end."""
    assert len(PAGE.splitlines()) <= 120
