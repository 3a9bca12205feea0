"""Lines of a requirements.txt mean what they mean to pip."""

import pytest

from functions.common.packages.requirement_lines import read_lines

COMMIT = "0123456789abcdef0123456789abcdef01234567"
WHEEL = "https://files.test/x/my_pkg-1.0+cpu-py3-none-any.whl"
GIT = f"git+https://git.test/owner/repository.git@{COMMIT}"


@pytest.mark.parametrize(
    ("line", "resolvable", "sources"),
    [
        (WHEEL, [f"my-pkg @ {WHEEL}"], []),
        (WHEEL.replace("+", "%2B"), [f"my-pkg @ {WHEEL.replace('+', '%2B')}"], []),
        (f"{WHEEL}#sha256=ab", [f"my-pkg @ {WHEEL}#sha256=ab"], []),
        (f"{GIT}#egg=thing", [], [f"thing @ {GIT}"]),
        (f"{GIT}#egg=thing[fast]", [], [f"thing[fast] @ {GIT}"]),
        (f"{GIT}#egg=thing&subdirectory=py", [], [f"thing @ {GIT}#subdirectory=py"]),
        (f"{GIT}#subdirectory=py&egg=thing", [], [f"thing @ {GIT}#subdirectory=py"]),
        (f"-e {GIT}#egg=thing", [], [f"thing @ {GIT}"]),
        (f"--editable={GIT}#egg=thing", [], [f"thing @ {GIT}"]),
        (f"thing @ {GIT}", [], [f"thing @ {GIT}"]),
        ("a==1 \\\n  --hash=sha256:aa \\\n  --hash=sha256:bb\nb==2", ["a==1", "b==2"], []),
        ("a==1 \\\r\n  --hash=sha256:aa\r\nb==2\r\n", ["a==1", "b==2"], []),
        ("a==1; python_version < '3.11'  # why", ['a==1; python_version < "3.11"'], []),
        ("--pre\n--no-binary :all:\n--trusted-host h\na", ["a"], []),
        (
            "mlflow<2,>=1.30\nmlflow-skinny==1.30.1",
            ["mlflow<2,>=1.30", "mlflow-skinny==1.30.1"],
            [],
        ),
    ],
)
def test_a_line_names_its_package(line: str, resolvable: list[str], sources: list[str]) -> None:
    """Also where pip takes the name from an address, and over several lines."""
    read = read_lines(line)

    assert (resolvable, sources) == ([str(each) for each in read.resolvable], [*read.sources])
    assert () == read.faults


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (GIT, "does not say which package it is. Write its name before it"),
        ("https://files.test/thing.zip", "does not say which package it is"),
        ("https://files.test/thing.whl", "does not say which package it is"),
        (f"{GIT.partition('@')[0]}#egg=thing", "does not say which commit"),
        ("-e .", "names no package"),
        ("./wheels/my_pkg-1.0-py3-none-any.whl", "names no package"),
        ("my_pkg-1.0-py3-none-any.whl", "names no package"),
        ("file:///wheels/my_pkg-1.0-py3-none-any.whl", "names no package"),
        ("-r other.txt", "names no package"),
        ("https://me:secret@files.test/my_pkg-1.0-py3-none-any.whl", "password or token"),
    ],
)
def test_a_line_that_cannot_be_installed_says_why(line: str, said: str) -> None:
    """With what to write instead, and without secrets."""
    (fault,) = read_lines(line).faults

    assert said in fault
    assert "secret" not in fault


@pytest.mark.parametrize(
    "line",
    [
        "-f https://wheels.test",
        "-fhttps://wheels.test",
        "--find-links=https://wheels.test",
        "-i https://index.test/simple",
        "--index-url https://index.test/simple",
        "--extra-index-url=https://index.test/simple",
    ],
)
def test_an_index_of_its_own_is_noted(line: str) -> None:
    """It is named where a package is not found without it."""
    assert read_lines(f"{line}\na==1").names_an_index
    assert not read_lines("a==1\n--pre").names_an_index
