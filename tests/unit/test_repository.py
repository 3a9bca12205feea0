"""Rules for the whole repository: valid data files, unique class names, standard terms."""

import ast
import json
import re
import subprocess
import tomllib
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
CODE = [path for top in ("functions", "infra", "standins") for path in (ROOT / top).rglob("*.py")]
STORED = {
    # A change's name in reports, as it is stored and returned.
    ("functions/provision/reconciliation/changes.py", "Tell"),
}
"""Words that stay because they are stored: file and word."""
READERS: dict[str, Callable[[str], Any]] = {
    ".json": json.loads,
    ".toml": tomllib.loads,
    ".yaml": yaml.safe_load,
    ".yml": yaml.safe_load,
}


def tracked(suffix: str) -> list[Path]:
    """Return the repository's files with *suffix*."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("\n")
    paths = [ROOT / name for name in names if name.endswith(suffix)]
    return [path for path in paths if path.is_file()]


@pytest.mark.parametrize("suffix", READERS)
def test_data_files_can_be_read(suffix: str) -> None:
    """TOML, YAML and JSON are well formed."""
    for path in tracked(suffix):
        READERS[suffix](path.read_text(encoding="utf-8"))


def test_documents_name_only_files_that_exist() -> None:
    """Paths from the repository's root in backticks, and the targets of relative links."""
    missing = set()
    for document in tracked(".md"):
        text = document.read_text(encoding="utf-8")
        paths = re.findall(
            r"`((?:functions|infra|standins|tests|docs|bench|canary|doctor)/[\w./-]+)`", text
        )
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
        targets = {ROOT / path for path in paths} | {document.parent / link for link in links}
        missing |= {(document.name, str(each)) for each in targets if not each.exists()}

    assert set() == missing


@pytest.mark.parametrize(("top", "lines"), [("infra", 150), ("standins", 200), ("tests", 300)])
def test_modules_are_short(top: str, lines: int) -> None:
    """A longer one has more than one job."""
    paths = (ROOT / top).rglob("*.py")
    lengths = {str(each): len(each.read_text(encoding="utf-8").splitlines()) for each in paths}

    assert lengths
    assert {} == {path: length for path, length in lengths.items() if length > lines}


def test_class_names_are_unique() -> None:
    """In functions/, infra/ and standins/ together."""
    owners: dict[str, set[str]] = defaultdict(set)
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                owners[node.name].add(str(path.relative_to(ROOT)))

    assert {} == {name: sorted(paths) for name, paths in owners.items() if len(paths) > 1}


def test_functions_and_infra_use_standard_terms() -> None:
    """A deployment is requested, an error has a message; stored names are exempt."""
    words = re.compile(r"\b(wish|wished|told|tell|aimed)\b", re.IGNORECASE)
    paths = [path for top in ("functions", "infra") for path in (ROOT / top).rglob("*")]
    texts = (path for path in paths if path.is_file() and "__pycache__" not in path.parts)
    found = {
        (str(path.relative_to(ROOT)), word)
        for path in texts
        for word in words.findall(path.read_text(encoding="utf-8", errors="ignore"))
    }

    assert set() == found - STORED
