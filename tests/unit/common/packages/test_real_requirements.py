"""Real requirements on the real package index: refused with a reason, or locked."""

import pytest

from functions.common.packages.locking import Locking
from functions.common.packages.model_packages import ModelPackages, UnusableRequirementsError

pytestmark = pytest.mark.slow

REFUSED = {
    "a GPU build": ("3.11", ["torch==2.5.1+cu121"], "build for GPUs"),
    "a GPU build by its name": ("3.11", ["cupy-cuda12x==13.3.0"], "packages for GPUs"),
    "a GPU runtime": ("3.11", ["onnxruntime-gpu==1.20.1"], "packages for GPUs"),
    "an extra for GPUs": (
        "3.12",
        ["tensorflow[and-cuda]==2.18.0"],
        "nvidia-cublas-cu12, nvidia-cuda-cupti-cu12, nvidia-cuda-nvcc-cu12, …, required by tensor",
    ),
    "another extra for GPUs": ("3.12", ["jax[cuda12]==0.4.35"], "required by jax"),
    "CUDA code": ("3.11", ["flash-attn==2.7.0.post2"], "whose code is for GPUs"),
    "a Windows package": ("3.11", ["pywin32==308"], "its wheels are for win32, win_amd64"),
    "another Windows package": ("3.11", ["tensorflow-intel==2.15.0"], "for win_amd64"),
    "a macOS package": ("3.11", ["tensorflow-macos==2.12.0"], "for macosx_12_0"),
    "an unknown release": ("3.11", ["scikit-learn==1.99.0"], "has no such release"),
    "an unknown package": ("3.11", ["hokus-no-such-package==1.0"], "no package of this name"),
    "a private index": (
        "3.11",
        ["--extra-index-url https://user:secret@packages.test/simple", "our-features-lib==2.1"],
        "Indexes that the requirements name are not asked",
    ),
    "a private build": ("3.11", ["numpy==1.26.4+mkl"], "`numpy==1.26.4+mkl` cannot be installed"),
    "a conflict": (
        "3.11",
        ["tensorflow==2.15.0", "numpy==2.2.0"],
        "tensorflow==2.15.0 depends on numpy>=1.23.5,<2.0.0",
    ),
    "a conflict with MLflow": (
        "3.11",
        ["mlflow==2.9.2", "pyarrow==17.0.0"],
        "mlflow==2.9.2 depends on pyarrow>=4.0.0,<15",
    ),
    "too new a Python": (
        "3.14",
        ["tensorflow==2.18.0"],
        "its wheels are for Python 3.9, 3.10, 3.11, 3.12.",
    ),
    "a wheel for older Pythons": ("3.12", ["pandas==1.3.5"], "its wheels are for Python 3.7, 3.8"),
    "too old a Python": ("3.10", ["networkx==3.6"], "needs Python >=3.11"),
    "an editable package": ("3.11", ["-e git+https://github.com/acme/lib#egg=lib"], "40 digits"),
    "an editable folder": ("3.11", ["-e ."], "no package"),
    "another file": ("3.11", ["-r base.txt"], "`-r base.txt`"),
    "a path": ("3.11", ["./dist/lib-1.0-py3-none-any.whl"], "files of the training machine"),
    "a file": ("3.11", ["lib @ file:///home/me/lib-1.0-py3-none-any.whl"], "cannot be fetched"),
    "git over ssh": ("3.11", ["lib @ git+ssh://git@github.com/acme/lib.git"], "cannot be fetched"),
    "git without a commit": ("3.11", ["lib @ git+https://github.com/acme/lib@main"], "40 digits"),
    "a lost file": (
        "3.11",
        ["lib @ https://pypi.org/lost/lib-1.0-py3-none-any.whl"],
        "answers 404 Not Found",
    ),
    "no requirement": ("3.11", ["numpy 1.26.4"], "`numpy 1.26.4`"),
}


@pytest.mark.parametrize(("python", "lines", "words"), REFUSED.values(), ids=list(REFUSED))
def test_it_is_refused_with_a_reason(python: str, lines: list[str], words: str) -> None:
    """In plain words with advice, and without secrets or uv's own advice."""
    with pytest.raises(UnusableRequirementsError) as raised:
        Locking().lock(ModelPackages(requirements="\n".join(lines)), python=python)

    (reason,) = raised.value.reasons
    assert words in reason
    assert "Log the model" in reason or "Write " in reason
    assert not any(word in reason for word in ("secret", "--no-build", "conclude", "hint"))


def test_source_distributions_can_be_refused() -> None:
    """By a setting; the default builds them at every start."""
    model = ModelPackages(requirements="antlr4-python3-runtime==4.9.3")

    with pytest.raises(UnusableRequirementsError, match="has only a source distribution"):
        Locking(allow_sources=False).lock(model, python="3.11")


def test_a_package_without_wheels_is_locked() -> None:
    """Also where only another package asks for it."""
    lock = Locking().lock(ModelPackages(requirements="omegaconf==2.3.0"), python="3.11")

    assert ("antlr4-python3-runtime 4.9.3 has no wheel and is built at every start",) == lock.notes


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13", "3.14"])
def test_a_lock_is_the_same_each_time(python: str) -> None:
    """For every Python of the runtime, without an interpreter of it."""
    model = ModelPackages(requirements="scikit-learn\nmlflow-skinny", mlflow_version="3.4.0")

    lock = Locking().lock(model, python=python)

    assert lock.text == Locking().lock(model, python=python).text
    assert "mlflow-skinny @ https://files.pythonhosted.org/" in lock.text
    assert "mlflow_skinny-3.4.0" in lock.text


def test_xgboost_comes_without_libraries_for_gpus() -> None:
    """Its wheel for older systems, and no nvidia-nccl."""
    lock = Locking().lock(ModelPackages(requirements="xgboost==2.1.4"), python="3.11")

    assert not [each.name for each in lock.packages if each.name.startswith("nvidia")]
    assert lock.download_bytes
    assert lock.download_bytes < 100_000_000
