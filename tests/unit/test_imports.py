"""Imports point one way: a function knows itself and `common`, and predict nothing heavy."""

import ast
from pathlib import Path

import pytest

from functions.common.providers import registry

FUNCTIONS = Path(__file__).parents[2] / "functions"
HEAVY = {"mlflow", "huggingface_hub", "pandas", "numpy", "aws_cdk", "sklearn"}
MODULES = sorted(FUNCTIONS.rglob("*.py"))
PROVIDER = FUNCTIONS / "common/providers/huggingface"
PUBLISHING = PROVIDER / "publishing.py"
"""Imported by the task `package` alone."""
RUNTIME = PROVIDER / "runtime/handler.py"
"""Runs on endpoints; no function imports it."""


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
    """`functions.predict.handler` → `predict`."""
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
    [
        path
        for path in MODULES
        if path.relative_to(FUNCTIONS).parts[0] != "provision" and path not in {PUBLISHING, RUNTIME}
    ],
    ids=lambda path: str(path.relative_to(FUNCTIONS)),
)
def test_nothing_heavy_on_the_request_path(module: Path) -> None:
    """Not even inside a function."""
    assert set() == {name.split(".")[0] for name in imported_by(module)} & HEAVY


@pytest.mark.parametrize(
    ("package", "only_in"),
    [("huggingface_hub", {"publishing.py"}), ("mlflow", {"mlflow_registry.py"})],
)
def test_heavy_packages_have_one_door(package: str, only_in: set[str]) -> None:
    """One module imports each of them; what runs on the endpoint is not ours to run."""
    users = {
        module.name
        for module in MODULES
        if module != RUNTIME and package in {name.split(".")[0] for name in imported_by(module)}
    }

    assert only_in == users


def test_the_heavy_modules_of_a_provider_are_imported_when_they_are_used() -> None:
    """By a function's body of `provider.py`, so that predict never loads them."""
    names = {"functions.common.providers.huggingface.publishing"}
    users = {
        module.relative_to(FUNCTIONS).as_posix()
        for module in MODULES
        if any(name.rpartition(".")[0] in names for name in imported_by(module))
    }
    top = ast.parse((PROVIDER / "provider.py").read_text()).body
    at_import = {node.module for node in top if isinstance(node, ast.ImportFrom)}

    assert {"common/providers/huggingface/provider.py"} == users
    assert not names & at_import


def test_a_provider_is_named_by_the_registry_alone() -> None:
    """Whoever works with a provider knows its ports."""
    users = {
        module.relative_to(FUNCTIONS).as_posix()
        for module in MODULES
        if PROVIDER not in module.parents
        and any("providers.huggingface" in name for name in imported_by(module))
    }

    assert set() == users
    assert registry.PROVIDERS[registry.DEFAULT].startswith("functions.common.providers.huggingface")
