"""Requirements that can be installed in the endpoint's container."""

from typing import Any

import pytest

from functions.common.providers.huggingface.requirements import (
    RELEASES,
    endpoint_requirements,
    requirement_faults,
)
from functions.common.providers.packaging import UnusableRequirementError

OF_EVERY_ENDPOINT = {"mlflow-skinny", "numpy", "pandas", "starlette<1"}


def made(*lines: str, flavors: Any = None) -> list[str]:
    """Return the endpoint's requirements for a model's, without those of every endpoint."""
    text = endpoint_requirements("\n".join(lines), flavors or {})
    assert text.endswith("\n")
    return [line for line in text.splitlines() if line not in OF_EVERY_ENDPOINT]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mlflow==3.17.2", "mlflow-skinny==3.17.2"),
        ("MLflow[extras]>=2,<4", "mlflow-skinny[extras]<4,>=2"),
        ("mlflow-skinny==3.1", "mlflow-skinny==3.1"),
        ("scikit-learn==1.9.1", "scikit-learn==1.9.1"),
        ("Scikit_Learn == 1.9.1  # as trained", "Scikit_Learn==1.9.1"),
        ("pandas==3.1.1", "pandas==3.1.1"),
        ("uvicorn[standard]==0.5", "uvicorn[standard]"),
        ('tomli==2 ; python_version < "3.11"', 'tomli==2; python_version < "3.11"'),
        ("torch==2.5.1+cpu", "torch"),
        ("transformers[torch]==4.51.3", "transformers[torch]"),
        ("huggingface_hub>=1", "huggingface_hub"),
        ("lightgbm==4.7 --hash=sha256:abc", "lightgbm==4.7"),
        ("lightgbm==4.7 \\\n    --hash=sha256:abc", "lightgbm==4.7"),
        ("ours @ https://files.test/ours-1-py3-none-any.whl",) * 2,
    ],
)
def test_each_line_is_converted(line: str, expected: str) -> None:
    """Pins, extras and markers stay; packages of the container are required but not moved."""
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
def test_options_and_comments_are_removed(line: str) -> None:
    """They concern the machine on which the model was trained."""
    assert [] == made(line)


@pytest.mark.parametrize("line", ["-r other.txt", "-e .", "--requirement=a", "wheels/x.whl", "?"])
def test_a_line_that_cannot_be_installed_is_refused(line: str) -> None:
    """The message has the line and what to do, before an endpoint costs anything."""
    with pytest.raises(UnusableRequirementError, match="pip_requirements") as raised:
        made("numpy", line)

    assert f"`{line}`" in str(raised.value)


def test_the_packages_of_pyfunc_are_added() -> None:
    """mlflow-skinny depends on neither numpy nor pandas."""
    assert "mlflow-skinny\nnumpy\npandas\nstarlette<1\n" == endpoint_requirements("", {})
    assert "mlflow-skinny==3\npandas==3\nnumpy\nstarlette<1\n" == endpoint_requirements(
        "mlflow==3\npandas==3", {}
    )


@pytest.mark.parametrize("line", ["starlette==1.2.0", "Starlette>=1", "starlette"])
def test_the_containers_server_keeps_its_starlette(line: str) -> None:
    """A newer one would come with mlflow-skinny's fastapi, and the server would not start."""
    lines = endpoint_requirements(f"{line}\nfastapi==0.116", {}).splitlines()

    assert ["starlette<1"] == [each for each in lines if each.lower().startswith("starlette")]
    assert "fastapi==0.116" in lines


def test_a_package_is_required_once() -> None:
    """A list may have both names of mlflow."""
    assert ["mlflow-skinny==3"] == made("mlflow==3", "mlflow-skinny==3")


def test_models_written_by_skops_get_skops() -> None:
    """The complete mlflow would have brought it."""
    flavors = {"python_function": {}, "sklearn": {"serialization_format": "skops"}}

    assert ["skops"] == made("pandas", flavors=flavors)
    assert ["skops==0.16"] == made("skops==0.16", flavors=flavors)


def faults(*lines: str, python: str = "3.11") -> list[str]:
    return requirement_faults("\n".join(lines), python=python)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "# a comment",
        "-c constraints.txt",
        "mlflow==3.17.2",
        "numpy==2.4.6",
        "numpy",
        "numpy>=1.20",
        "nobody-knows-me==1.0",
        "torch==2.5.1+cpu",
        "torch @ file:///home/me/torch.whl",
        "uvicorn[standard]==0.5",
        "tomli==2 ; python_version < '3.11'",
        "numpy==2.5.1 ; python_version >= '3.12'",
        'pywin32==311 ; sys_platform == "win32"',
        "appnope ; platform_system == 'Darwin'",
        "ours @ https://files.test/ours-1-py3-none-any.whl",
        "ours @ git+https://code.test/ours@1f0c9a3e",
        "scikit-learn===1.8.0",
        "onnxruntime==1.20",
        "numpy==2.4.*",
        "cuid==0.4",
        "acumos==1",
    ],
)
def test_installable_requirements_have_no_fault(line: str) -> None:
    """Including packages of the container and lines that a marker excludes there."""
    assert [] == faults(line)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("-r other.txt", "pip_requirements that name packages and versions"),
        ("-e .", "pip_requirements that name packages and versions"),
        ("./wheels/x.whl", "pip_requirements that name packages and versions"),
        ("ours @ file:///home/me/ours.whl", "which cannot be installed on an endpoint"),
        ("ours @ git+ssh://git@code.test/ours", "which cannot be installed on an endpoint"),
        ("ours @ s3://wheels/ours.whl", "which cannot be installed on an endpoint"),
        ("cupy-cuda12x==14", "a GPU"),
        ("cudf-cu12", "a GPU"),
        ("nvidia-cublas-cu12==12.9", "a GPU"),
        ("tensorflow-gpu==2.12", "a GPU"),
        ("faiss-gpu-cu12", "a GPU"),
        ("flash-attn", "a GPU"),
        ("jax[cuda12]==0.9", "a GPU"),
        ("torch==2.5.1+cu121", "a GPU"),
        ("torch==2.5.1+rocm6.2", "a GPU"),
        ("torch @ https://files.test/torch-2.5.1+cu121-cp311-cp311-linux_x86_64.whl", "a GPU"),
        ("pywin32==311", "no release for Linux"),
        ("TensorFlow_MacOS==2.16", "no release for Linux"),
        ("ours==1.0+dev", "a build that no public package index has"),
        ("numpy==2.5.1", "has the releases >=1.23.2,<2.5 only"),
        ("numpy>=2.5", "has the releases >=1.23.2,<2.5 only"),
        ("numpy~=1.21.0", "has the releases >=1.23.2,<2.5 only"),
        ("Scikit_Learn==1.0.2", "has the releases >=1.1.3 only"),
    ],
)
def test_requirements_that_cannot_be_installed_have_a_fault(line: str, fault: str) -> None:
    """With the line and what to do."""
    (reported,) = faults(line)

    assert fault in reported
    assert line.split(" @ ", maxsplit=1)[0] in reported
    assert "pip_requirements" in reported or "log the model again" in reported


def test_all_faults_are_reported_together() -> None:
    """So that one correction is enough."""
    reported = faults("cupy", "numpy==2.5.1", "pandas==3.0", "cupy", "-e .")

    assert ["`cupy`", "`numpy==2.5.1`", "`-e .`"] == [
        each.split("`")[1].join("``") for each in reported
    ]


def test_a_password_in_a_url_is_not_repeated() -> None:
    """A reason is written to the record, the log and MLflow."""
    line = "ours @ git+ssh://me:hunter2@code.test/ours"
    (reported,) = faults(line)

    assert "git+ssh://***@code.test/ours" in reported
    with pytest.raises(UnusableRequirementError, match=r"//\*\*\*@code") as raised:
        made("-r https://me:hunter2@files.test/list.txt".replace("files", "code"))
    assert "hunter2" not in str(raised.value) + reported


@pytest.mark.parametrize(
    ("line", "good", "bad"),
    [
        ("numpy==2.5.5", "3.12", "3.11"),
        ("numpy==1.24.4", "3.11", "3.12"),
        ("tensorflow==2.15.1", "3.11", "3.12"),
        ("xgboost==3.4.1", "3.12", "3.11"),
        ("scikit-learn==1.2.2", "3.11", "3.12"),
        ("pandas==2.0.3", "3.11", "3.12"),
        ("scipy==1.18.1", "3.13", "3.11"),
        ("networkx==3.7", "3.12", "3.11"),
    ],
)
def test_a_release_supports_certain_pythons(line: str, good: str, bad: str) -> None:
    """According to its published files."""
    assert [] == faults(line, python=good)
    assert [line.join("``")] == [each.split(" ")[0] for each in faults(line, python=bad)]
    assert [] == faults(line, python="3.99")


def test_the_table_of_releases_is_valid() -> None:
    """Each range contains a release; names are in normalized form."""
    for name, ranges in RELEASES.items():
        assert name == name.lower()
        for python in ranges:
            assert [] == faults(name, python=python)
