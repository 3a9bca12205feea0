"""In-memory `Ledger`; tests/contract runs the same tests on DynamoDB."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from functions.common.ledger.model_month import ModelMonth, MonthTotal


class FakeLedger:
    """Months in `kept` by model and month, totals in `totals` by month.

    Set `error` to make every call fail; `writes` counts those that were made.
    """

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], ModelMonth] = {}
        self.totals: dict[str, MonthTotal] = {}
        self.error: Exception | None = None
        self.writes = 0

    def month(self, model_id: str, month: str) -> ModelMonth:
        self._fail()
        return self.kept.get((model_id, month)) or ModelMonth(model_id=model_id, month=month)

    def months(
        self, model_ids: Collection[str], months: Collection[str]
    ) -> Mapping[tuple[str, str], ModelMonth]:
        return {(name, month): self.month(name, month) for name in model_ids for month in months}

    def write(self, *changed: ModelMonth) -> bool:
        self._fail()
        if any(self.month(each.model_id, each.month).version != each.version for each in changed):
            return False
        for each in changed:
            written = replace(each, version=each.version + 1, endpoints=dict(each.endpoints))
            self.kept[each.model_id, each.month] = written
        self.writes += 1
        return True

    def total(self, month: str) -> MonthTotal:
        self._fail()
        return self.totals.get(month) or MonthTotal(month=month)

    def write_total(self, total: MonthTotal) -> bool:
        self._fail()
        stored = self.totals.get(total.month)
        if (stored.version if stored else 0) != total.version:
            return False
        self.totals[total.month] = replace(total, version=total.version + 1)
        self.writes += 1
        return True

    def _fail(self) -> None:
        if self.error:
            raise self.error.with_traceback(None)
