"""The requirements.txt of the toolkit's container, and what is published for each runtime."""

from datetime import UTC, datetime

import pytest

from functions.common.packages.model_packages import Lock, LockedPackage, ModelPackages
from functions.common.providers.huggingface.locks import install_files
from functions.common.providers.huggingface.requirements import toolkit_requirements

OF_EVERY_ENDPOINT = {"numpy", "pandas", "starlette<1"}


def made(*lines: str, mlflow_version: str | None = None) -> list[str]:
    """Return the container's requirements for a model's, without those of every endpoint."""
    packages = ModelPackages(requirements="\n".join(lines), mlflow_version=mlflow_version)
    text = toolkit_requirements(packages)
    assert text.endswith("\n")
    return [line for line in text.splitlines() if line not in OF_EVERY_ENDPOINT]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mlflow==3.17.2", "mlflow==3.17.2"),
        ("mlflow-skinny==3.1", "mlflow-skinny==3.1"),
        ("Scikit_Learn == 1.9.1  # as trained", "Scikit_Learn==1.9.1"),
        ("pandas==3.1.1", "pandas==3.1.1"),
        ("uvicorn[standard]==0.5", "uvicorn[standard]"),
        ('tomli==2 ; python_version < "3.11"', 'tomli==2; python_version < "3.11"'),
        ("torch==2.5.1+cpu", "torch"),
        ("transformers[torch]==4.51.3", "transformers[torch]"),
        ("huggingface_hub>=1", "huggingface_hub"),
        ("lightgbm==4.7 \\\n    --hash=sha256:abc", "lightgbm==4.7"),
        ("ours @ https://files.test/ours-1-py3-none-any.whl",) * 2,
        (f"ours @ git+https://github.com/acme/ours@{'a' * 40}",) * 2,
    ],
)
def test_each_line_is_converted(line: str, expected: str) -> None:
    """Pins, extras and markers stay; packages of the container are required but not moved."""
    assert [expected] == made(line)


@pytest.mark.parametrize("line", ["starlette==1.2", "Starlette", "# a comment", "-c bounds.txt"])
def test_some_lines_are_removed(line: str) -> None:
    """The container's server has its own bound, and constraints would move its packages."""
    assert [] == made(line)


def test_the_packages_of_mlflow_are_added() -> None:
    """The whole of it, with the bounds that its models rely on."""
    assert "mlflow==3\nnumpy\npandas\nstarlette<1\n" == toolkit_requirements(
        ModelPackages(requirements="mlflow==3")
    )
    assert ["mlflow==2.9.2", "setuptools<82"] == made(mlflow_version="2.9.2")
    assert ["setuptools==60"] == made("setuptools==60", mlflow_version="2.9.2")[:1]


def test_each_runtime_gets_its_own_files() -> None:
    """The container the lock, and git lines beside it; the toolkit names with versions."""
    package = LockedPackage(
        name="a", version="1", url="https://files.test/a.whl", sha256="00", size_bytes=None
    )
    lock = Lock(
        python="3.12",
        packages=(package,),
        sources=("b @ git+https://files.test/b@1",),
        built_as_of=datetime(2026, 1, 2, tzinfo=UTC),
    )
    packages = ModelPackages(requirements="a==1")

    assert {
        "hokus/requirements.lock": "a @ https://files.test/a.whl --hash=sha256:00\n",
        "hokus/sources.txt": "b @ git+https://files.test/b@1\n",
        "hokus/built-as-of": "2026-01-02T00:00:00+00:00",
    } == install_files(lock, packages, runtime="container")
    assert {"requirements.txt": "a==1\nnumpy\npandas\nstarlette<1\n"} == install_files(
        lock, packages, runtime="toolkit"
    )
