"""Crashes of workflow tasks, per task and model; `in_lambda/crashing.py` carries them out."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CrashInjector:
    """Orders crashes through files in *folder*, which the functions' processes read.

    Attributes:
        tasks: Every task that can crash.
    """

    folder: Path
    tasks: tuple[str, ...]

    def crash(self, model: str, crashes: list[str], *tasks: str) -> None:
        """Crash the next calls of each of *tasks* for *model*, one call per entry of *crashes*.

        An entry is `"before"` or `"after"` the task's work; an empty list ends the crashes.
        """
        for task in tasks:
            orders = self.folder / f"{task}@{model}"
            orders.with_suffix(".new").write_text(json.dumps(crashes))
            orders.with_suffix(".new").replace(orders)

    @property
    def crashes(self) -> set[tuple[str, ...]]:
        """Task and moment (`before` or `after`) of every crash so far."""
        lines = (self.folder / "crashed").read_text().splitlines()
        return {tuple(line.split()) for line in lines}
