"""Requirements that install in the endpoint's container."""

from typing import Any

import pytest

from functions.provision.endpoint_requirements import (
    UnusableRequirementError,
    endpoint_requirements,
)


def made(*lines: str, flavors: Any = None) -> list[str]:
    """The endpoint's lines for a model's, without those that every endpoint gets."""
    text = endpoint_requirements("\n".join(lines), flavors or {})
    assert text.endswith("\n")
    return [line for line in text.splitlines() if line not in {"mlflow-skinny", "numpy", "pandas"}]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mlflow==3.17.2", "mlflow-skinny==3.17.2"),
        ("MLflow[extras]>=2,<4", "mlflow-skinny[extras]<4,>=2"),
        ("mlflow-skinny==3.1", "mlflow-skinny==3.1"),
        ("scikit-learn==1.9.1", "scikit-learn==1.9.1"),
        ("Scikit_Learn == 1.9.1  # as trained", "Scikit_Learn==1.9.1"),
        ("pandas==3.1.1", "pandas==3.1.1"),
        ("uvicorn[standard]==0.5", "uvicorn[standard]==0.5"),
        ('tomli==2 ; python_version < "3.11"', 'tomli==2; python_version < "3.11"'),
        ("torch==2.5.1+cpu", "torch"),
        ("transformers[torch]==4.51.3", "transformers[torch]"),
        ("huggingface_hub>=1", "huggingface_hub"),
        ("lightgbm==4.7 --hash=sha256:abc", "lightgbm==4.7"),
        ("lightgbm==4.7 \\\n    --hash=sha256:abc", "lightgbm==4.7"),
        ("ours @ https://files.test/ours-1-py3-none-any.whl",) * 2,
    ],
)
def test_a_line_becomes(line: str, expected: str) -> None:
    """Pins, extras and markers stay; the container's own packages are asked for, never moved."""
    assert [expected] == made(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "# a comment",
        "-c constraints.txt",
        "--extra-index-url https://packages.test/simple",
        "-i https://packages.test/simple",
        "-f ./wheels",
        "--no-binary :all:",
    ],
)
def test_options_and_comments_go(line: str) -> None:
    """They speak of the machine that trained."""
    assert [] == made(line)


@pytest.mark.parametrize("line", ["-r other.txt", "-e .", "--requirement=a", "wheels/x.whl", "?"])
def test_what_cannot_be_installed_is_told(line: str) -> None:
    """With the line and what to do, before an endpoint is paid for."""
    with pytest.raises(UnusableRequirementError, match="pip_requirements") as raised:
        made("numpy", line)

    assert f"`{line}`" in str(raised.value)


def test_what_pyfunc_needs_is_always_there() -> None:
    """mlflow-skinny brings neither numpy nor pandas."""
    assert "mlflow-skinny\nnumpy\npandas\n" == endpoint_requirements("", {})
    assert "mlflow-skinny==3\npandas==3\nnumpy\n" == endpoint_requirements(
        "mlflow==3\npandas==3", {}
    )


def test_a_package_is_asked_for_once() -> None:
    """Both names of mlflow may stand in a list."""
    assert ["mlflow-skinny==3"] == made("mlflow==3", "mlflow-skinny==3")


def test_models_written_by_skops_get_skops() -> None:
    """The whole mlflow would have brought it."""
    flavors = {"python_function": {}, "sklearn": {"serialization_format": "skops"}}

    assert ["skops"] == made("pandas", flavors=flavors)
    assert ["skops==0.16"] == made("skops==0.16", flavors=flavors)
