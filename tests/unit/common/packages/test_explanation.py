"""uv's messages, as uv 0.13 has printed them, in words for people."""

import pytest
from packaging.tags import Tag

from functions.common.packages.explanation import explained, no_wheel_reason, without_wheels

NO_WHEELS = """error: No solution found when resolving dependencies
  cause: Because antlr4-python3-runtime>=4.9,<=4.9.3 has no usable wheels and only the following \
versions of antlr4-python3-runtime are available:
             antlr4-python3-runtime<4.9.dev0
             antlr4-python3-runtime>=4.9,<=4.9.3
             antlr4-python3-runtime>4.10.dev0
         we can conclude that antlr4-python3-runtime==4.9.* cannot be used.
         And because omegaconf==2.3.0 depends on antlr4-python3-runtime==4.9.* and you require \
omegaconf==2.3.0, we can conclude that your requirements are unsatisfiable.

hint: Wheels are required for `antlr4-python3-runtime` because building from source is disabled \
for all packages (i.e., with `--no-build`)
"""
TOO_NEW = """error: No solution found when resolving dependencies
  cause: Because only scikit-learn<=1.9.1 is available and you require scikit-learn>=99, we can \
conclude that your requirements are unsatisfiable.
"""
CONFLICT = """error: No solution found when resolving dependencies
  cause: Because pandas==2.3.1 depends on numpy{python_full_version < '3.12'}>=1.23.2 and you \
require numpy<1.20, we can conclude that your requirements and pandas==2.3.1 are incompatible.
         And because you require pandas==2.3.1, we can conclude that your requirements are \
unsatisfiable.
"""
LOST_FILE = """error: Failed to download `ours @ https://files.test/ours-1-py3-none-any.whl?sig=abc`
  cause: Failed to fetch: https://files.test/ours-1-py3-none-any.whl?sig=abc
  cause: HTTP status client error (403 Forbidden) for url \
(https://files.test/ours-1-py3-none-any.whl?sig=abc)
"""
UNKNOWN = """error: Something that uv has never said about https://me:secret@files.test/ours
  cause: The moon is in the wrong quarter
"""


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (NO_WHEELS, "`antlr4-python3-runtime>=4.9,<=4.9.3` has no wheel."),
        (TOO_NEW, "`scikit-learn>=99` cannot be installed: the package index (PyPI) has scikit-"),
        (
            CONFLICT,
            "exclude each other: pandas==2.3.1 depends on numpy>=1.23.2; the model requires",
        ),
        (CONFLICT, "; the model requires numpy<1.20; the model requires pandas==2.3.1. Log the"),
        (LOST_FILE, "`https://files.test/ours-1-py3-none-any.whl?***` cannot be fetched: its"),
        (LOST_FILE, "its server answers 403 Forbidden."),
        (UNKNOWN, "cannot be installed: The moon is in the wrong quarter. Log"),
        ("error: https://me:secret@files.test", "cannot be installed: error: https://***@files"),
    ],
)
def test_a_message_becomes_a_reason(message: str, words: str) -> None:
    """With advice and without secrets, whatever its shape."""
    reason = explained(message, python="3.11")

    assert words in reason
    assert "Log the model" in reason
    assert "secret" not in reason
    assert "abc" not in reason


def test_a_long_proof_is_cut() -> None:
    """It has to fit into the record, and people read its beginning."""
    premises = " and ".join(f"a{number} depends on b{number}" for number in range(1000))

    assert len(explained(f"cause: Because {premises} and you require c.", python="3.11")) < 1000


def test_packages_that_would_be_built_are_found() -> None:
    """uv names them in hints."""
    assert {"antlr4-python3-runtime"} == without_wheels(NO_WHEELS)
    assert set() == without_wheels(CONFLICT)


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ([Tag("cp39", "cp39", "manylinux2014_x86_64")], "for Python 3.11, which the model needs"),
        ([Tag("cp311", "cp311", "win_amd64")], "no release for Linux on x86-64"),
        ([Tag("cp311", "cp311", "manylinux2014_aarch64")], "no release for Linux on x86-64"),
        ([Tag("pp39", "pp39", "manylinux2014_x86_64")], "its wheels are for other Pythons"),
    ],
)
def test_whom_the_wheels_are_for_is_said(tags: list[Tag], words: str) -> None:
    """As it is on the index."""
    assert words in no_wheel_reason("fast", "1", tags, python="3.11")


@pytest.mark.parametrize(
    "message",
    [
        TOO_NEW,
        "cause: Because ours was not found in the package registry and you require ours",
        "cause: Because there is no version of torch==2.0.1+cpu and you require torch==2.0.1+cpu",
    ],
)
def test_an_index_of_the_models_own_is_named_where_it_matters(message: str) -> None:
    """It may have what PyPI has not."""
    said = "Indexes that the requirements name are not asked."

    assert said in explained(message, python="3.11", named_index=True)
    assert said not in explained(message, python="3.11")
