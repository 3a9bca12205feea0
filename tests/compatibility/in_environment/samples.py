"""What is logged, and what it is compared with; imports nothing of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sample:
    """A trained model, and what it makes of some rows.

    Attributes:
        log: Logs it, given `name` and `input_example`.
        rows: A table, an array, or what a chat model takes.
        predictions: JSON of the predictions for *rows*, by the library itself.
    """

    log: Callable[..., Any]
    rows: Any
    predictions: Any
