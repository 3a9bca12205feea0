"""Runnable examples of a document, and the output that the document shows for them."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

API = Path(__file__).parents[1] / "docs/api.md"
VENV = Path(sys.executable).parent
NODE = VENV / "node"

COMMANDS = {
    "bash": ("bash", "-euo", "pipefail"),
    "python": (sys.executable, "-W", "error"),
    "javascript": (str(NODE),),
}
SUFFIXES = {"bash": ".sh", "python": ".py", "javascript": ".mjs"}
OUTPUTS = ("json", "text")

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", flags=re.MULTILINE | re.DOTALL)
_OTHER_EACH_TIME = {"deployment_id", "latency_ms", "request_id", "timestamp"}


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced code block.

    Attributes:
        line: Line of the opening fence.
        language: Empty if the fence names none.
        output: Output that the document shows; None if it shows none.
    """

    line: int
    language: str
    text: str
    output: "Block | None" = None

    @property
    def runs(self) -> bool:
        return self.language in COMMANDS

    def write(self, folder: Path) -> Path:
        """Write the code to a file of its language."""
        file = folder / f"line_{self.line}{SUFFIXES[self.language]}"
        file.write_text(self.text, encoding="utf-8")
        return file

    def run(self, folder: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run the code in *folder* as a person would, with *variables* set."""
        path = f"{VENV}:{os.environ['PATH']}"
        return subprocess.run(
            [*COMMANDS[self.language], str(self.write(folder))],
            cwd=folder,
            env={**os.environ, "PATH": path, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def comes_out(self, written: str) -> bool:
        """Return whether *written* is the output shown, apart from values that vary."""
        if self.output is None:
            return True
        if self.output.language == "text":
            return self.output.text == written
        return _stable(json.loads(self.output.text)) == _stable(json.loads(written))


def blocks_of(document: str) -> list[Block]:
    """Return every block; an output block follows its example after one empty line."""
    found: list[Block] = []
    end_of_last = -1
    for match in _BLOCK.finditer(document):
        block = Block(document.count("\n", 0, match.start()) + 1, match[1], match[2])
        if found and block.language in OUTPUTS and document[end_of_last : match.start()] == "\n\n":
            source = found.pop()
            block = Block(source.line, source.language, source.text, block)
        found.append(block)
        end_of_last = match.end()
    return found


def runnable(document: Path = API) -> list[Block]:
    """Return the blocks that can be run, in the document's order."""
    return [block for block in blocks_of(document.read_text(encoding="utf-8")) if block.runs]


def _stable(value: Any) -> Any:
    return dict(_masked(value)) if isinstance(value, dict) else value


def _masked(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        yield name, type(item) if name in _OTHER_EACH_TIME else _stable(item)
