"""Shows how far a long test is, also when its output is piped."""

import sys

import pytest

EVERY = 500


class Progress:
    """Counts examples; writes a line after each `EVERY` of them."""

    def __init__(self, of: int, capsys: pytest.CaptureFixture[str]) -> None:
        self._of, self._capsys = of, capsys
        self._done = 0

    def step(self) -> None:
        """Count one."""
        self._done += 1
        if self._done % EVERY == 0 and self._of > EVERY:
            self.write(f"\n{self._done:,} of {self._of:,}")

    def write(self, text: str) -> None:
        """Write *text* past pytest's capture."""
        with self._capsys.disabled():
            sys.stdout.write(text)
            sys.stdout.flush()
