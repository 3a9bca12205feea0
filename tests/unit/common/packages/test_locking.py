"""Locks, with the real uv and an index on this machine."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from functions.common.packages.model_packages import (
    PackageIndexUnavailableError,
    UnusableRequirementsError,
)
from tests.builders import NOON
from tests.unit.common.packages.conftest import LockOf
from tests.unit.common.packages.local_index import LocalIndex, metadata

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def names(lock_of: LockOf, *lines: str, **packages: Any) -> dict[str, str]:
    """Return the versions of a lock by name."""
    return {each.name: each.version for each in lock_of(*lines, **packages).packages}


def test_every_package_is_locked_with_address_and_hash(index: LocalIndex, lock_of: LockOf) -> None:
    """Also those that others depend on; the same index gives the same text."""
    lock = lock_of("pandas")

    page = index.page("numpy")["files"][0]
    line = f"numpy @ {page['url']} --hash=sha256:{page['hashes']['sha256']}"
    assert line == lock.text.splitlines()[0]
    assert ["numpy", "pandas"] == [each.name for each in lock.packages]
    assert sum(map(len, index.files.values())) == lock.download_bytes
    assert () == lock.notes
    assert lock.text == lock_of("pandas").text


@pytest.mark.parametrize("unknown", ["size", "source"])
def test_a_download_of_unknown_size_has_no_size(lock_of: LockOf, unknown: str) -> None:
    """An index need not give the size of a file, and nobody knows what a source becomes."""
    lock = lock_of("numpy")
    first, *others = lock.packages
    changes: dict[str, Any] = {
        "size": {"packages": (replace(first, size_bytes=None), *others)},
        "source": {"sources": ("it @ git+https://example.org/it@" + "a" * 40,)},
    }

    assert lock.download_bytes
    assert replace(lock, **changes[unknown]).download_bytes is None


def test_the_python_of_the_model_counts(index: LocalIndex, lock_of: LockOf) -> None:
    """Not the one that resolves, which is newer."""
    index.add_wheel("fast", "2", tag="cp313-cp313-manylinux_2_28_x86_64")
    index.add_wheel("fast", "1", tag="cp311-cp311-manylinux_2_17_x86_64")

    assert "1" == names(lock_of, "fast")["fast"]


def test_the_most_specific_wheel_is_taken(index: LocalIndex, lock_of: LockOf) -> None:
    """Compiled code before pure Python; of two that differ in glibc alone, the smaller one."""
    index.add_wheel("fast", "1", tag="py3-none-any")
    index.add_wheel("fast", "1", tag="cp37-abi3-manylinux_2_17_x86_64")
    index.add_wheel("fast", "1", tag="cp311-cp311-manylinux_2_28_x86_64", padding=1000)
    index.add_wheel("fast", "1", tag="cp311-cp311-manylinux2014_x86_64", padding=10)
    index.add_wheel("fast", "1", tag="cp311-cp311-win_amd64")

    (fast,) = (each for each in lock_of("fast").packages if each.name == "fast")

    assert fast.url.endswith("cp311-cp311-manylinux2014_x86_64.whl")


def test_constraints_narrow_and_ask_for_nothing(index: LocalIndex, lock_of: LockOf) -> None:
    """As pip reads them."""
    index.add_wheel("numpy", "1.26")
    index.add_wheel("other", "1")

    found = names(lock_of, "pandas", constraints="numpy<2\nother==1")

    assert {"numpy": "1.26", "pandas": "2.2"} == found


def test_mlflow_is_the_one_that_logged_the_model(index: LocalIndex, lock_of: LockOf) -> None:
    """Unless the requirements name one. MLflow until 2.15 needs an older setuptools."""
    for version in ("2.15", "2.16", "3.0"):
        index.add_wheel("mlflow", version)
    index.add_wheel("setuptools", "81")
    index.add_wheel("setuptools", "82")

    assert "2.16" == names(lock_of, mlflow_version="2.16")["mlflow"]
    assert "2.16" == names(lock_of, "mlflow", mlflow_version="2.16")["mlflow"]
    assert "3.0" == names(lock_of, "mlflow>=2", mlflow_version="2.16")["mlflow"]
    assert "81" == names(lock_of, "mlflow==2.15", mlflow_version="2.15")["setuptools"]
    assert "setuptools" not in names(lock_of, mlflow_version="2.16")


def test_mlflow_is_the_one_that_logged_the_model_to_the_patch(
    index: LocalIndex, lock_of: LockOf
) -> None:
    """MLflow 2.3.2 writes `mlflow==2.3`; a version that it did not log is another one's pin."""
    for version in ("2.3.0", "2.3.2", "2.2.0"):
        index.add_wheel("mlflow", version)
    index.add_wheel("setuptools", "81")

    assert "2.3.2" == names(lock_of, "mlflow==2.3", mlflow_version="2.3.2")["mlflow"]
    assert "2.2.0" == names(lock_of, "mlflow==2.2", mlflow_version="2.3.2")["mlflow"]
    assert "2.3.0" == names(lock_of, "mlflow==2.3", mlflow_version="2.3")["mlflow"]


def test_what_is_not_pinned_is_as_it_was(index: LocalIndex, lock_of: LockOf) -> None:
    """On the day on which the model was logged; the server's own packages are today's."""
    index.add_wheel("numpy", "2.9", uploaded="2026-06-01T00:00:00Z")
    index.add_wheel("server", "3", uploaded="2026-06-01T00:00:00Z")
    logged_at = datetime(2025, 1, 1, tzinfo=UTC)

    found = names(lock_of, "pandas", logged_at=logged_at, added=("server>=3",))

    assert {"numpy": "2.0", "pandas": "2.2", "server": "3"} == found
    assert "2.9" == names(lock_of, "pandas")["numpy"]
    assert "2.9" == names(lock_of, "numpy>=2.1", logged_at=logged_at)["numpy"]


def test_libraries_for_several_gpus_are_left_out(index: LocalIndex, lock_of: LockOf) -> None:
    """xgboost asks for them and predicts without."""
    index.add_wheel("xgboost", "3", "nvidia-nccl-cu12")
    index.add_wheel("nvidia_nccl_cu12", "2")

    assert {"numpy", "pandas", "xgboost"} == set(names(lock_of, "xgboost"))


@pytest.mark.parametrize("name", ["cupy-cuda12x", "onnxruntime-gpu", "nvidia-cublas-cu12"])
def test_packages_for_gpus_are_refused(index: LocalIndex, lock_of: LockOf, name: str) -> None:
    """Whoever requires them is named."""
    index.add_wheel("deep", "1", name)
    index.add_wheel("middle", "1", "deep")
    index.add_wheel(name.replace("-", "_"), "1")

    with pytest.raises(UnusableRequirementsError) as raised:
        lock_of("middle")

    assert f"endpoints do not have: {name}, required by middle." in str(raised.value)


def test_a_driver_that_may_be_missing_is_fine(index: LocalIndex, lock_of: LockOf) -> None:
    """nvidia-ml-py only asks whether there is a GPU."""
    index.add_wheel("nvidia_ml_py", "13")

    assert "13" == names(lock_of, "nvidia-ml-py")["nvidia-ml-py"]


RUNS = """import pathlib
pathlib.Path({path!r}).write_text("ran")
from setuptools import setup
setup()
"""


def test_no_code_of_a_package_is_run(index: LocalIndex, lock_of: LockOf, tmp_path: Path) -> None:
    """Resolving happens beside our tokens. Dependencies are read from the files as text."""
    ran = tmp_path / "ran"
    code = RUNS.format(path=str(ran))
    backend = '[build-system]\nrequires = []\nbuild-backend = "setup"\nbackend-path = ["."]\n'
    files = {"setup.py": code, "pyproject.toml": backend}
    index.add_source("new", "1", **{"PKG-INFO": metadata("new", "1", ("old",)), **files})
    index.add_source("old", "1", **{"src__old.egg-info__requires.txt": "plain\n", **files})
    index.add_source("bare", "1", **files)
    index.add_wheel("plain", "1")

    lock = lock_of("new", "bare>=1")

    assert not ran.exists()
    assert {"new", "old", "bare"} == {each.name for each in lock.packages if each.is_source}
    assert "plain" in {each.name for each in lock.packages}
    assert "new 1 has no wheel and is built at every start" in lock.notes
    assert index.page("new")["files"][0]["hashes"]["sha256"] in lock.text
    assert lock.built_as_of is None
    assert NOON == lock_of("bare", logged_at=NOON).built_as_of
    assert lock_of("plain", logged_at=NOON).built_as_of is None


def test_an_address_of_a_source_distribution_is_refused(lock_of: LockOf) -> None:
    """Its metadata could only be had by building it."""
    with pytest.raises(UnusableRequirementsError, match="takes wheels from https"):
        lock_of("new @ https://files.test/new-1.tar.gz")


def test_source_distributions_can_be_refused(index: LocalIndex, lock_of: LockOf) -> None:
    """By the setting, which the reason names."""
    index.add_source("old", "1", **{"PKG-INFO": metadata("old", "1")})

    with pytest.raises(UnusableRequirementsError, match="SOURCE_DISTRIBUTIONS refuses"):
        lock_of("old", allow_sources=False)


def test_a_release_with_wheels_for_others_is_not_built(index: LocalIndex, lock_of: LockOf) -> None:
    """It would be compiled at every start, if it can be at all."""
    index.add_wheel("fast", "1", tag="cp39-cp39-manylinux2014_x86_64")
    index.add_wheel("fast", "1", tag="cp310-cp310-manylinux2014_x86_64")
    index.add_source("fast", "1", **{"PKG-INFO": metadata("fast", "1")})

    with pytest.raises(UnusableRequirementsError, match=r"for Python 3\.9, 3\.10\.") as raised:
        lock_of("fast==1")

    assert "`fast==1` has no wheel for Python 3.11" in str(raised.value)


def test_code_for_gpus_is_not_built(index: LocalIndex, lock_of: LockOf) -> None:
    """Its compiler is not there, whatever the package is called."""
    index.add_source("kernels", "1", **{"PKG-INFO": metadata("kernels", "1"), "src__a.cu": "//"})

    with pytest.raises(UnusableRequirementsError, match="whose code is for GPUs"):
        lock_of("kernels")


def test_a_broken_source_distribution_is_refused(index: LocalIndex, lock_of: LockOf) -> None:
    """Like any other package that cannot be installed."""
    index.files["broken-1.tar.gz"] = b"no archive"

    with pytest.raises(UnusableRequirementsError, match="cannot be read"):
        lock_of("broken")


def test_git_lines_stay_as_they_are(lock_of: LockOf) -> None:
    """At a commit; what they depend on is not locked, which the timeline says."""
    line = f"ours @ git+https://github.com/acme/ours@{COMMIT}"
    lock = lock_of(line, "pandas")

    assert (line,) == lock.sources
    assert "ours" not in lock.text
    assert "without what it requires" in lock.notes[0]


def test_every_fault_is_reported_at_once(index: LocalIndex, lock_of: LockOf) -> None:
    """Those of single lines; only where there are none, what makes the whole impossible."""
    index.add_wheel("windows", "1", tag="py3-none-win_amd64")

    with pytest.raises(UnusableRequirementsError) as raised:
        lock_of("numpy==9", "pandas", "windows", "missing", "-e .")

    words = ["`-e .`", "`numpy==9`", "`windows==1`", "`missing`"]
    assert len(words) == len(raised.value.reasons)
    for word, reason in zip(words, raised.value.reasons, strict=True):
        assert word in reason
        assert "Log " in reason


def test_lines_that_exclude_each_other_are_named(index: LocalIndex, lock_of: LockOf) -> None:
    """uv's premises without its proof."""
    index.add_wheel("needy", "1", "numpy>=9")

    with pytest.raises(UnusableRequirementsError) as raised:
        lock_of("needy==1", "numpy==2.0")

    assert "needy depend on numpy>=9; the model requires needy==1" in str(raised.value)
    assert "conclude" not in str(raised.value)


@pytest.mark.slow
@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_index_in_trouble_is_asked_again_later(
    index: LocalIndex, lock_of: LockOf, status: int
) -> None:
    """It says nothing against the model."""
    index.status = status

    with pytest.raises(PackageIndexUnavailableError):
        lock_of("pandas")


@pytest.mark.slow
def test_no_index_at_all_is_asked_again_later(index: LocalIndex, lock_of: LockOf) -> None:
    """As a network that is down."""
    index.url = "http://127.0.0.1:9"

    with pytest.raises(PackageIndexUnavailableError):
        lock_of("pandas")
