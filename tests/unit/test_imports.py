"""Imports point one way: a function imports itself and `common`, and predict nothing heavy."""

import ast
import sys
from pathlib import Path

import pytest

from functions.common.providers import registry

FUNCTIONS = Path(__file__).parents[2] / "functions"
HEAVY = {"mlflow", "huggingface_hub", "pandas", "numpy", "aws_cdk", "sklearn"}
WITH_PYDANTIC = {"mlflow_hook", "provision"}
"""Functions that describe the documents of others."""
MODULES = sorted(FUNCTIONS.rglob("*.py"))
PROVIDER = FUNCTIONS / "common/providers/huggingface"
PUBLISHING = PROVIDER / "publishing.py"
"""Imported by the task `package` alone."""
RUNTIME = set((PROVIDER / "runtime").glob("*.py"))
"""Runs on endpoints; no function imports it."""


def imported_by(module: Path) -> set[str]:
    """Return every name that *module* imports, anywhere in it."""
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
    """An empty search would pass every test."""
    assert len(MODULES) > 30
    assert {"predict", "provision", "mlflow_hook", "common"} <= {
        module.relative_to(FUNCTIONS).parts[0] for module in MODULES
    }


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(FUNCTIONS)))
def test_a_function_imports_only_itself_and_common(module: Path) -> None:
    """`common` imports no function."""
    own = module.relative_to(FUNCTIONS).parts[0]
    ours = {name for name in imported_by(module) if name.startswith("functions.")}

    assert set() == {name for name in ours if function_of(name) not in {own, "common"}}


@pytest.mark.parametrize(
    "module",
    [
        path
        for path in MODULES
        if path.relative_to(FUNCTIONS).parts[0] != "provision"
        and path not in {PUBLISHING, *RUNTIME}
    ],
    ids=lambda path: str(path.relative_to(FUNCTIONS)),
)
def test_nothing_heavy_on_the_request_path(module: Path) -> None:
    """Not even inside a function's body."""
    assert set() == {name.split(".")[0] for name in imported_by(module)} & HEAVY


@pytest.mark.parametrize(
    ("package", "only_in"),
    [
        ("huggingface_hub", {"publishing.py"}),
        (
            "mlflow",
            {"mlflow_registry.py", "mlflow_answers.py", "mlflow_webhooks.py", "tracking_server.py"},
        ),
    ],
)
def test_each_heavy_package_has_one_adapter(package: str, only_in: set[str]) -> None:
    """Code that runs on the endpoint is exempt."""
    users = {
        module.name
        for module in MODULES
        if module not in RUNTIME and package in {name.split(".")[0] for name in imported_by(module)}
    }

    assert only_in == users


@pytest.mark.parametrize(
    "module",
    [path for path in MODULES if path.relative_to(FUNCTIONS).parts[0] not in WITH_PYDANTIC],
    ids=lambda path: str(path.relative_to(FUNCTIONS)),
)
def test_most_functions_have_no_pydantic(module: Path) -> None:
    """Their bundles lack it, and `common` is in all of them: JSON is read by jiter, the rest is
    msgspec's."""
    found = {name.split(".")[0] for name in imported_by(module)}

    assert set() == found & {"pydantic", "pydantic_core"}


def test_heavy_modules_of_a_provider_are_imported_lazily() -> None:
    """In function bodies of `provider.py`, so that predict never loads them."""
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


def test_only_the_registry_names_a_provider() -> None:
    """All other code uses the ports."""
    users = {
        module.relative_to(FUNCTIONS).as_posix()
        for module in MODULES
        if PROVIDER not in module.parents
        and any("providers.huggingface" in name for name in imported_by(module))
    }

    assert set() == users
    assert registry.PROVIDERS[registry.DEFAULT].startswith("functions.common.providers.huggingface")


@pytest.mark.parametrize("module", sorted(RUNTIME), ids=lambda path: path.name)
def test_the_runtime_imports_what_every_endpoint_has(module: Path) -> None:
    """The standard library, mlflow with its pandas, waitress, and its neighbours."""
    roots = {name.split(".")[0] for name in imported_by(module)} - sys.stdlib_module_names
    neighbours = {path.stem for path in RUNTIME}

    assert set() == roots - neighbours - {"mlflow", "pandas", "waitress"}
