"""Dependencies in source distributions of every kind and age."""

import io
import zipfile

import pytest

from functions.common.packages import source_distributions
from functions.common.packages.model_packages import (
    LockedPackage,
    PackageIndexUnavailableError,
    UnusableRequirementsError,
)
from functions.common.packages.package_index import PackageIndex
from functions.common.packages.source_distributions import static_metadata
from tests.unit.common.packages.local_index import LocalIndex, metadata

SECTIONS = """
plain>=1

[:python_version < "3.5"]
typing

[tests]
pytest
"""


def package(index: LocalIndex, name: str = "old-1.tar.gz", *, sha256: str = "") -> LockedPackage:
    """Return the package of the index's file *name*."""
    (file,) = (each for each in index.page("old")["files"] if each["filename"] == name)
    digest = sha256 or file["hashes"]["sha256"]
    return LockedPackage(name="old", version="1", url=file["url"], sha256=digest, size_bytes=None)


def requires(index: LocalIndex, **files: str) -> tuple[str, ...]:
    """Return what a source distribution of these *files* says."""
    index.add_source("old", "1", **files)
    return static_metadata(package(index), index.files["old-1.tar.gz"]).requires


def test_metadata_of_today(index: LocalIndex) -> None:
    """In PKG-INFO at the top, and no deeper one."""
    found = requires(
        index,
        **{
            "PKG-INFO": metadata("old", "1", ("plain>=1", 'typing; python_version < "3.5"')),
            "tests__data__PKG-INFO": metadata("other", "1", ("never",)),
        },
    )

    assert ("plain>=1", 'typing; python_version < "3.5"') == found


def test_metadata_of_yesterday(index: LocalIndex) -> None:
    """In what setuptools wrote for itself; extras are left out."""
    expected = ("plain>=1", 'typing; python_version < "3.5"')

    assert expected == requires(index, **{"src__old.egg-info__requires.txt": SECTIONS})
    assert expected == requires(index, **{"old.egg-info__requires.txt": SECTIONS})


def test_no_metadata_at_all(index: LocalIndex) -> None:
    """Then nothing is known to be required."""
    assert () == requires(index, **{"setup.py": "raise SystemExit"})


def test_a_zip_file(index: LocalIndex) -> None:
    """An older form of the same thing."""
    index.add_source("old", "1")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("old-1/PKG-INFO", metadata("old", "1", ("plain",)))

    assert ("plain",) == static_metadata(package(index), content.getvalue()).requires


@pytest.mark.parametrize("requirement", ["no requirement!", "=="])
def test_metadata_that_cannot_be_read(index: LocalIndex, requirement: str) -> None:
    """A reason, not a fault of ours."""
    with pytest.raises(UnusableRequirementsError, match="cannot be read"):
        requires(index, **{"PKG-INFO": metadata("old", "1", (requirement,))})


def test_an_archive_that_is_too_large(index: LocalIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not unpacked to its end."""
    monkeypatch.setattr(source_distributions, "MAX_UNPACKED_BYTES", 10)

    with pytest.raises(UnusableRequirementsError, match="cannot be read"):
        requires(index, **{"PKG-INFO": metadata("old", "1")})


def test_another_file_than_was_locked(index: LocalIndex) -> None:
    """Never read: it has another hash."""
    index.add_source("old", "1")

    with pytest.raises(PackageIndexUnavailableError, match="another hash"):
        PackageIndex(index_url=index.url).source(package(index, sha256="00"))


def test_a_page_that_is_too_large(index: LocalIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is more read than fits into the function."""
    monkeypatch.setattr("functions.common.packages.package_index.MAX_BYTES", 10)

    with pytest.raises(PackageIndexUnavailableError, match="too much"):
        PackageIndex(index_url=index.url).wheel_tags("numpy", "2.0")


def test_an_index_that_is_gone() -> None:
    """A circumstance: it is asked again later."""
    with pytest.raises(PackageIndexUnavailableError):
        PackageIndex(index_url="http://127.0.0.1:9").wheel_tags("numpy", "2.0")
