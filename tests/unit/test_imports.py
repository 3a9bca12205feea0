"""Imports point one way: a function knows itself and `common`, and predict nothing heavy."""

import ast
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[2] / "functions"
HEAVY = {"mlflow", "huggingface_hub", "pandas", "numpy", "aws_cdk", "sklearn"}
MODULES = sorted(FUNCTIONS.rglob("*.py"))


def imported_by(module: Path) -> set[str]:
    """Every name that *module* imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert 0 == node.level, f"{module}: relative import"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def function_of(name: str) -> str:
    """`functions.predict.answers` → `predict`."""
    return name.split(".")[1]


def test_there_is_something_to_check() -> None:
    """An empty search would pass everything."""
    assert len(MODULES) > 30
    assert {"predict", "provision", "mlflow_hook", "common"} <= {
        module.relative_to(FUNCTIONS).parts[0] for module in MODULES
    }


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FUNCTIONS)))
def test_a_function_imports_only_itself_and_common(module: Path) -> None:
    """And `common` imports no function."""
    own = module.relative_to(FUNCTIONS).parts[0]
    ours = {name for name in imported_by(module) if name.startswith("functions.")}

    assert set() == {name for name in ours if function_of(name) not in {own, "common"}}


@pytest.mark.parametrize(
    "module",
    [path for path in MODULES if path.relative_to(FUNCTIONS).parts[0] != "provision"],
    ids=lambda path: str(path.relative_to(FUNCTIONS)),
)
def test_nothing_heavy_on_the_request_path(module: Path) -> None:
    """Not even inside a function."""
    assert set() == {name.split(".")[0] for name in imported_by(module)} & HEAVY


@pytest.mark.parametrize(
    ("package", "only_in"),
    [("huggingface_hub", {"huggingface_model_hub.py"}), ("mlflow", {"mlflow_registry.py"})],
)
def test_heavy_packages_have_one_door(package: str, only_in: set[str]) -> None:
    """What runs on the endpoint is not ours to run."""
    users = {
        module.name
        for module in MODULES
        if "endpoint_runtime" not in module.parts
        and package in {name.split(".")[0] for name in imported_by(module)}
    }

    assert only_in == users
