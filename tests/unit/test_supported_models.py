"""docs/supported-models.md lists the checks and limits of the code."""

import inspect
import pkgutil
import re
from pathlib import Path

import mlflow
import pytest

from functions.common.packages.gpu_packages import FOR_GPUS
from functions.common.packages.mlflow_needs import ALWAYS
from functions.common.providers.huggingface.images import IMAGES
from functions.common.providers.huggingface.requirements import CONTAINERS_OWN
from functions.common.providers.huggingface.runtimes import TOOLKIT_PYTHON
from functions.provision.compatibility.checks import (
    CHECKS,
    LOADERS_REFUSED,
)
from functions.provision.compatibility.memory import LEAST_BYTES
from functions.provision.compatibility.pythons import PICKLED
from functions.provision.registry.artifacts import MAX_MODEL_BYTES
from tests.compatibility.test_flavors import LOADERS, PACKAGES

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


def loaders_of_mlflow() -> set[str]:
    """Return the loaders that MLflow's own flavors name in an MLmodel."""
    folder = Path(mlflow.__file__).parent
    named = re.compile(r'loader_module="(mlflow\.[\w.]+)"')
    found = {
        name for path in folder.rglob("*.py") for name in named.findall(path.read_text("utf-8"))
    }
    own = pkgutil.iter_modules([str(folder / "pyfunc/loaders")], "mlflow.pyfunc.loaders.")
    return {*found, "mlflow.pyfunc.model", *(each.name for each in own)}


def test_every_loader_of_mlflow_is_listed() -> None:
    """Served, refused or untried."""
    listed = [loader.strip("`") for loader, *_ in rows("loader")]

    assert sorted(loaders_of_mlflow()) == listed


def test_every_refused_loader_is_listed() -> None:
    """With the reason."""
    expected = {f"`{loader}`": f"refused: {reason}" for loader, reason in LOADERS_REFUSED.items()}

    refused = {loader: words for loader, words, *_ in rows("loader") if words[:7] == "refused"}
    assert expected == refused


def test_what_is_said_to_be_served_is_tried() -> None:
    """By the tests of many models (`make test-compatibility`)."""
    tried = {LOADERS.get(flavor, f"mlflow.{flavor}") for flavor in PACKAGES}

    served = {loader.strip("`") for loader, words, *_ in rows("loader") if words == "served"}
    assert tried | {"mlflow.pyfunc.loaders.code_model"} == served


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
    assert len(PAGE.splitlines()) <= 160
