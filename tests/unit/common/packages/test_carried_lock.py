"""Locks travel as text, for the packages, runtime and Python that they were made for."""

import zlib
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from functions.common.packages.carried_lock import MAX_CHARACTERS, carried, lock_in
from functions.common.packages.model_packages import Lock, LockedPackage, ModelPackages

DAY = datetime(2026, 11, 30, 12, tzinfo=UTC)
PACKAGES = ModelPackages(requirements="numpy==2.1\nä", mlflow_version="3.17.2", logged_at=DAY)
NUMPY = LockedPackage(
    name="numpy",
    version="2.1",
    url="https://files.example/numpy-2.1-cp312.whl",
    sha256="ab" * 32,
    size_bytes=16_000_000,
)
LOCK = Lock(
    python="3.12",
    packages=(NUMPY, replace(NUMPY, name="slow", size_bytes=None, is_source=True)),
    sources=("tool @ git+https://git.example/tool@abc",),
    built_as_of=DAY,
)


def text_of(lock: Lock = LOCK) -> str | None:
    return carried(lock, PACKAGES, runtime="container", python="3.12")


def lock_of(text: object, packages: ModelPackages = PACKAGES, python: str = "3.12") -> Lock | None:
    return lock_in(text, packages, runtime="container", python=python)


def test_a_lock_arrives_whole() -> None:
    """Notes on what is built, and the day of its tools, among it."""
    assert LOCK == lock_of(text_of())


def test_it_is_for_the_same_packages_alone() -> None:
    """The files of a version can be changed between the two tasks."""
    text = text_of()

    assert lock_of(text, replace(PACKAGES, requirements="numpy==2.2")) is None
    assert lock_of(text, replace(PACKAGES, logged_at=None)) is None
    assert lock_of(text, python="3.11") is None
    assert lock_in(text, PACKAGES, runtime="toolkit", python="3.12") is None


@pytest.mark.parametrize(
    "text",
    [None, 1, "", "?", "ä", b64encode(b"x").decode(), b64encode(zlib.compress(b"{}")).decode()],
)
def test_other_texts_carry_none(text: object) -> None:
    """Then the lock is made anew."""
    assert lock_of(text) is None


def test_a_lock_that_is_too_long_for_the_state_stays_behind() -> None:
    """Hashes cannot be compressed: some five hundred packages fit."""
    names = [f"package-{number}" for number in range(1_500)]
    hashed = [replace(NUMPY, name=each, sha256=sha256(each.encode()).hexdigest()) for each in names]

    text = text_of(replace(LOCK, packages=tuple(hashed[:400])))
    assert text
    assert len(text) <= MAX_CHARACTERS
    assert text_of(replace(LOCK, packages=tuple(hashed))) is None
