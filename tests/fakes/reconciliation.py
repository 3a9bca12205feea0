"""`Reconciliation` with a fixed report; tests/contract runs the same tests on the adapter."""

from collections.abc import Mapping
from typing import Any


class FakeReconciliation:
    """Reports *changes* for every model.

    Attributes:
        requested: Models whose reconciliation was requested, in order.
        ran: (Model id, whether it was a dry run) of every synchronous run.
        error: Set it to make every call fail.
    """

    def __init__(
        self, *changes: Mapping[str, str], failed: int = 0, error: Exception | None = None
    ) -> None:
        self._changes = changes
        self._failed = failed
        self.error = error
        self.requested: list[str] = []
        self.ran: list[tuple[str, bool]] = []

    def request(self, model_id: str) -> None:
        self._fail()
        self.requested.append(model_id)

    def run(self, model_id: str, *, dry_run: bool) -> dict[str, Any]:
        self._fail()
        self.ran.append((model_id, dry_run))
        changes = [{"model_id": model_id, **change} for change in self._changes]
        report = {"dry_run": dry_run, "models": 1, "changes": changes, "held": [], "unreadable": []}
        return {**report, "failed": self._failed}

    def _fail(self) -> None:
        if self.error:
            raise self.error
