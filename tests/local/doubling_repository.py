"""A model repository: a handler that doubles, a module beside it, and weights that need LFS."""

from pathlib import Path

HANDLER = """
import os
from neighbour import FACTOR

class EndpointHandler:
    def __init__(self, path=""):
        if os.environ.get("BROKEN"):
            raise RuntimeError("no model here")
        if size := os.environ.get("HUNGRY"):
            print("loading")
            self.weights = [b"x" * 1_000_000 for _ in range(int(size))]
            raise RuntimeError("has had enough")

    def __call__(self, data):
        if data["inputs"] == "crash":
            os._exit(9)
        if data["inputs"] == "environment":
            return {**os.environ}
        return {"scaled": [value * FACTOR for value in data["inputs"]], "rest": data}
"""


def write_repository(folder: Path) -> None:
    """Write the repository's files into *folder*."""
    (folder / "handler.py").write_text(HANDLER)
    (folder / "neighbour.py").write_text("FACTOR = 2\n")
    (folder / "requirements.txt").touch()
    (folder / "README.md").write_text("# Doubling\n")
    (folder / "weights").mkdir()
    (folder / "weights/all.bin").write_bytes(bytes(range(256)) * 50_000)
