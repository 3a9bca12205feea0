"""The day: what happens on it, and what was seen of it at its end."""

import json
import logging
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from functions.common.ledger.dynamodb import DynamoLedger
from functions.common.ledger.months import month_of
from infra.local.dashboard.calls import LoggedPrediction, predictions
from infra.local.dashboard.log_lines import LogLine, log_lines
from infra.local.dashboard.reconciliations import Reconciliations, reconciliations
from infra.local.deployment import aws_client
from infra.local.function_logs import FILE
from infra.local.system import LocalSystem
from tests.day.calls import FRAGILE, MODELS, SLEEPY, STEADY, USERS, Callers, Made
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.crash_injection import CrashInjector
from tests.e2e.support.doubling_model import log_doubling_model, register_version
from tests.e2e.support.in_lambda.crashing import ALL_MODELS
from tests.e2e.support.provider_console import ProviderConsole
from tests.e2e.support.waiting import eventually
from tests.e2e.support.workflow_control import TABLE

CALLS = int(os.environ.get("DAY_CALLS", "2000"))
_MAY_SLEEP = {"hokus.min_replicas": "0"}
logger = logging.getLogger("day")


@dataclass(frozen=True, kw_only=True)
class Day:
    """What was counted, by the script and by the system.

    Attributes:
        began: When the first model was registered.
        made: The script's own count.
        lines, logged, reconciled: The functions' log, and what the dashboard reads in it.
        bills: US dollars by endpoint, of the stand-in's meter: before and after the last
            reconciliation.
        ledger: US dollars by model.
        crashes: Of the reconciler, as they came.
    """

    system: LocalSystem
    began: datetime
    made: Sequence[Made]
    lines: Sequence[LogLine]
    logged: Sequence[LoggedPrediction]
    reconciled: Reconciliations
    bills: tuple[Mapping[str, float], Mapping[str, float]]
    ledger: Mapping[str, float]
    crashes: set[tuple[str, ...]]


class Script:
    """Makes the day happen on *system*, whose reconciler is the function of that name."""

    def __init__(
        self,
        system: LocalSystem,
        operator: ApiClient,
        provider: ProviderConsole,
        crashes: CrashInjector,
        reconciler: str,
    ) -> None:
        self._system, self._operator, self._provider = system, operator, provider
        self._crashes, self._reconciler = crashes, reconciler
        self._lambda = aws_client("lambda", system.aws_url)
        self._callers = Callers(system)

    def run(self) -> Day:
        """Let the day pass; return what was counted."""
        began = datetime.now(UTC)
        sound, fragile = log_doubling_model(), log_doubling_model("RaisesAtLargeNumbers")
        register_version(STEADY, sound)
        register_version(FRAGILE, fragile)
        register_version(SLEEPY, sound, _MAY_SLEEP)
        for model in MODELS:
            self._operator.wait_until_live(model, "1")
        self._reconcile()
        logger.info("three models are live")
        self._callers.call(CALLS * 3 // 10)
        with ThreadPoolExecutor(1) as pool:
            replacing = pool.submit(self._replace, sound)
            self._callers.call(CALLS * 2 // 10)
            replacing.result()
        logger.info("one is replaced")
        self._sleep_and_wake()
        self._double_and_crash()
        self._callers.call(CALLS - len(self._callers.made))
        self._callers.close()
        # What was replaced stands for its rollback window, however short the day is.
        assert eventually(lambda: len(self._operator.endpoints()) == len(MODELS))
        logger.info("all calls are made")
        bill_before, reconciled_at = self._provider.bill(), datetime.now(UTC)
        self._reconcile()
        bill_after = self._provider.bill()
        lines, ledger = self._whole_log(reconciled_at), self._ledger(began)
        logger.info("dollars: ledger %s, bill %s", ledger, bill_after)
        return Day(
            system=self._system,
            began=began,
            made=self._callers.made,
            lines=lines,
            # The system's own checks may call, too.
            logged=[each for each in predictions(lines) if each.user in USERS],
            reconciled=reconciliations(lines),
            bills=(bill_before, bill_after),
            ledger=ledger,
            crashes=self._crashes.crashes,
        )

    def _replace(self, uri: str) -> None:
        version = register_version(STEADY, uri)
        self._operator.wait_until_live(STEADY, version)

    def _sleep_and_wake(self) -> None:
        """Put one to sleep, call the others, then wake it by a call."""
        deployment = self._operator.serving_deployment(SLEEPY)
        assert deployment is not None
        (endpoint,) = self._operator.endpoints_of(deployment)
        self._provider.scale_to_zero(endpoint)
        self._reconcile()
        self._callers.call(CALLS * 2 // 10, models=(STEADY, FRAGILE))
        first = self._callers.call_once(USERS[0], SLEEPY)
        assert (503, "model_warming_up") == (first.status, first.code)
        assert eventually(lambda: self._callers.call_once(USERS[1], SLEEPY).status == 200)
        logger.info("one has slept and woken")

    def _double_and_crash(self) -> None:
        """Reconcile twice at the same time, then once in a process that is killed midway."""
        with ThreadPoolExecutor(2) as pool:
            for each in [pool.submit(self._invoke) for _ in range(2)]:
                assert "FunctionError" not in each.result()
        self._crashes.crash(ALL_MODELS, ["midway"], "reconcile")
        assert "FunctionError" in self._invoke()
        self._reconcile()
        logger.info("the reconciler was doubled, and crashed")

    def _reconcile(self) -> None:
        answer = self._invoke()
        report = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, report
        assert 0 == report["failed"], report

    def _invoke(self) -> Any:
        return self._lambda.invoke(FunctionName=self._reconciler, Payload=b"{}")

    def _whole_log(self, reconciled_at: datetime) -> list[LogLine]:
        """Return the log once it has all calls, and the reconciliation of that time."""
        file, lines = self._system.logs / FILE, list[LogLine]()

        def is_whole() -> bool:
            lines[:] = log_lines(file.read_text().splitlines())
            last_at = reconciliations(lines).last_at
            logged = {each.request_id for each in predictions(lines)}
            made = {each.request_id for each in self._callers.made}
            return logged >= made and last_at is not None and last_at >= reconciled_at

        assert eventually(is_whole), f"{file} lacks lines"
        return lines

    def _ledger(self, began: datetime) -> Mapping[str, float]:
        ledger = DynamoLedger(aws_client("dynamodb", self._system.aws_url), TABLE)
        months = {month_of(began), month_of(datetime.now(UTC))}
        return {model: sum(ledger.month(model, month).usd for month in months) for model in MODELS}
