"""docs/supported-models.md lists the checks and limits of the code."""

import inspect
import re
from pathlib import Path

import pytest

from functions.common.packages.gpu_packages import FOR_GPUS
from functions.common.packages.mlflow_needs import ALWAYS
from functions.common.providers.huggingface.images import IMAGES
from functions.common.providers.huggingface.requirements import CONTAINERS_OWN
from functions.common.providers.huggingface.runtimes import TOOLKIT_PYTHON
from functions.provision.compatibility.checks import (
    CHECKS,
    LOADERS_REFUSED,
    MAX_MODEL_BYTES,
)
from functions.provision.compatibility.memory import LEAST_BYTES
from functions.provision.compatibility.pythons import PICKLED

*_PYTHONS, _NEWEST_PYTHON = IMAGES
PYTHONS = f"{', '.join(_PYTHONS)} or {_NEWEST_PYTHON}"
PAGE = (Path(__file__).parents[2] / "docs" / "supported-models.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return the text under the heading *title*, as one line."""
    found = re.search(rf"^## {title}$(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert found, title
    return " ".join(found[1].split())


def rows(head: str) -> list[tuple[str, ...]]:
    """Return the cells of the table whose header begins with *head*."""
    lines = iter(PAGE.splitlines())
    assert any(line.startswith(f"| {head} |") for line in lines), head
    next(lines)
    found = []
    for line in lines:
        if not line.startswith("|"):
            break
        found.append(tuple(line.strip("| ").split(" | ")))
    return found


def test_every_check_is_described() -> None:
    """In the checks' own words and order."""
    assert [
        (check.__name__.removeprefix("check_"), " ".join((inspect.getdoc(check) or "").split()))
        for check in CHECKS
    ] == rows("check")


def test_every_refused_loader_is_listed() -> None:
    """With the reason."""
    expected = [(f"`{loader}`", reason) for loader, reason in LOADERS_REFUSED.items()]

    assert expected == rows("loader")


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Python", [PYTHONS, f"{TOOLKIT_PYTHON} alone"]),
        ("What always works", [f"Python {PYTHONS}, with"]),
        ("Python", [f"`{each}`" for each in PICKLED]),
        ("Requirements", [f"`{each}`" for each in (*CONTAINERS_OWN, *ALWAYS)]),
        ("Size", [f"{size / 1e9:.2f} GB" for size in (LEAST_BYTES, MAX_MODEL_BYTES)]),
        ("What is checked", [f"{MAX_MODEL_BYTES / 1e9:.2f} GB", f"{LEAST_BYTES / 1e9:g} GB"]),
    ],
)
def test_every_limit_and_name_is_listed(title: str, words: list[str]) -> None:
    """In the section in which people look for it."""
    text = section(title)

    assert [] == [word for word in words if word not in text]


@pytest.mark.parametrize("name", ["cupy-cuda12x", "onnxruntime-gpu", "nvidia-cublas-cu12"])
def test_every_gpu_package_of_the_page_is_refused(name: str) -> None:
    """By its name alone."""
    assert name in section("Requirements")
    assert FOR_GPUS.fullmatch(name)


def test_the_page_is_short() -> None:
    """So that it is read to its end."""
    assert len(PAGE.splitlines()) <= 120
