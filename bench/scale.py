"""`python -m bench.scale`: what 100 and 1,000 execution environments of predict ask of DynamoDB.

The real code in virtual time (`scale_fleet`), for one model that answers in 100 ms. Reads and
writes are request units, by the sizes of the items. Prints a table and a line of JSON; takes three
minutes, or seconds with fewer environments (`python -m bench.scale 10`).
"""

import json
import random
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from bench import aws_prices
from bench.scale_fleet import Counted, Load, ScaleFleet
from functions.common.errors import ModelWarmingUpError, ProviderError, ServiceError
from tests.unit.predict.resilience.fleet import Behaviour

DOWN_S = 60
MONTH_S = 730 * 3600
_MILLION = 1_000_000


def _within(most_s: float) -> Callable[[random.Random], float]:
    return lambda dice: dice.uniform(0, most_s)


def _on_average(mean_s: float) -> Callable[[random.Random], float]:
    return lambda dice: dice.expovariate(1 / mean_s)


def _down(error: Callable[[], ServiceError]) -> Behaviour:
    return lambda since_s: error() if 0 <= since_s < DOWN_S else None


BUSY = Load(gap_s=_within(0.2), warm_up_s=10, counted_s=30)
BUSY_WITH_KEYS = Load(gap_s=_within(0.2), warm_up_s=10, counted_s=5, keys=True)
SPARSE = Load(gap_s=_on_average(60), warm_up_s=60, counted_s=600)
A_MILLION_A_MONTH = Load(gap_s=_on_average(MONTH_S / _MILLION), warm_up_s=60, counted_s=4 * 3600)
OUTAGE = Load(gap_s=_on_average(1), warm_up_s=10, counted_s=DOWN_S)
WAITING = Load(gap_s=_on_average(1), counted_s=30, wait_s=20)


def _busy() -> ScaleFleet:
    return ScaleFleet()


def _failing() -> ScaleFleet:
    return ScaleFleet(_down(lambda: ProviderError("500")))


def _silent() -> ScaleFleet:
    return ScaleFleet(silent=lambda since_s: 0 <= since_s < DOWN_S)


def _asleep() -> ScaleFleet:
    return ScaleFleet(_down(lambda: ModelWarmingUpError("asleep")))


SCENARIOS: Mapping[str, tuple[Callable[[], ScaleFleet], Load]] = {
    "busy": (_busy, BUSY),
    "busy, with keys": (_busy, BUSY_WITH_KEYS),
    "a call a minute each": (_busy, SPARSE),
    "down: errors 500": (_failing, OUTAGE),
    "down: silence": (_silent, OUTAGE),
    "asleep": (_asleep, OUTAGE),
    "asleep, callers wait": (_asleep, WAITING),
}
"""Events, and calls of the environments. All but the last begin with calls that are answered;
down is a minute."""


def main(fleets: list[int]) -> None:
    """Measure every scenario with each number of environments."""
    print(f"{'':<24}{'environ-':>9}{'':>9}{'served':>9}{'reached':>9}{'  per million calls':>30}")
    head = ("ments", "calls", "", "endpoint", "reads", "writes", "USD", "CPU s")
    print(f"{'':<24}{''.join(f'{each:>9}' for each in head[:4])}", end="")
    print("".join(f"{each:>10}" for each in head[4:]))
    results: dict[str, Any] = {}
    for name, (fleet, load) in SCENARIOS.items():
        for environments in fleets:
            results[f"{name}, {environments:,}"] = _measured(name, fleet(), environments, load)
    once = "a million a month"
    results[once] = _measured(once, _busy(), 1, A_MILLION_A_MONTH)
    print(json.dumps({"bench": "scale", "scenarios": results}))


def _measured(name: str, fleet: ScaleFleet, environments: int, load: Load) -> dict[str, Any]:
    began = time.process_time()
    row = figures(fleet.run(environments, load))
    took_s = time.process_time() - began
    print(
        f"{name:<24}{environments:>9,}{row['calls']:>9,}{row['served']:>9,}{row['reached']:>9,}"
        f"{row['reads_per_million']:>10,}{row['writes_per_million']:>10,}"
        f"{row['usd_per_million']:>10.3f}{took_s:>10.1f}",
        flush=True,
    )
    return {"environments": environments, **row}


def figures(counted: Counted) -> dict[str, Any]:
    """Return a row of the table. Raises: ZeroDivisionError (no call was counted)."""
    each = _MILLION / counted.calls
    reads, writes = counted.tally.reads * each, counted.tally.writes * each
    return {
        "calls": counted.calls,
        "served": counted.codes["ok"],
        "reached": counted.reached,
        "reads_per_million": round(reads),
        "writes_per_million": round(writes),
        "usd_per_million": round(aws_prices.request_units(reads, writes), 4),
    }


if __name__ == "__main__":
    main([int(each) for each in sys.argv[1:]] or [100, 1_000])
