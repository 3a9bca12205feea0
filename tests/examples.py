"""The examples of a document: code in it that runs, and what it says that comes out."""

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
    """What stands between two fences.

    Attributes:
        line: Of the opening fence.
        language: Empty where none is named.
        output: What the document says that comes out; None where it says nothing.
    """

    line: int
    language: str
    text: str
    output: "Block | None" = None

    @property
    def runs(self) -> bool:
        return self.language in COMMANDS

    def write(self, folder: Path) -> Path:
        """As a file of its language."""
        file = folder / f"line_{self.line}{SUFFIXES[self.language]}"
        file.write_text(self.text, encoding="utf-8")
        return file

    def run(self, folder: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """As a person would: in a folder of its own, with *variables* set."""
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
        """Whether *written* is what the document shows, up to what is other each time."""
        if self.output is None:
            return True
        if self.output.language == "text":
            return self.output.text == written
        return _stable(json.loads(self.output.text)) == _stable(json.loads(written))


def blocks_of(document: str) -> list[Block]:
    """Every block; an output follows what it comes out of with one empty line between."""
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
    """Those that run, in their order."""
    return [block for block in blocks_of(document.read_text(encoding="utf-8")) if block.runs]


def _stable(value: Any) -> Any:
    return dict(_masked(value)) if isinstance(value, dict) else value


def _masked(value: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, item in value.items():
        yield name, type(item) if name in _OTHER_EACH_TIME else _stable(item)
