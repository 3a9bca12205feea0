"""`python -m bench.costs`: writes the tables of docs/costs.md that follow from recorded figures.

It reads what `python -m bench --record` has kept in bench/figures, multiplies it with AWS's list
prices, and replaces what stands between the tables' marks in docs/costs.md. Prints the tables and
a line of JSON.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import aws_prices, monitoring_costs
from bench.__main__ import FIGURES
from bench.prediction_costs import (
    LOG_EVENT_BYTES,
    Call,
    Traffic,
    cost_of_a_million,
    line_bytes,
    predict_usd,
)
from infra.constructs.api_stage import access_log_fields
from infra.environments import PRODUCTION
from infra.function_spec import FunctionSpec
from infra.functions import AUTHORIZER, FUNCTIONS, PREDICT
from infra.snapshots import AWAITED

DOCUMENT = Path(__file__).parents[1] / "docs/costs.md"
SIZES = (256, 512, 768, 1_024, 1_769)
BODY_BYTES = 1_000
BUSY_CALLS_PER_AUTHORIZATION = 30
"""A caller that predicts every two seconds."""
BUSY, SPARSE = "busy, 1,000", "a million a month"
"""Scenarios of `bench.scale`."""
ACCESS_LOG_VALUES = {
    "$context.requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
    "$context.requestTime": "30/Nov/2026:14:15:16 +0000",
    "$context.httpMethod": "POST",
    "$context.path": "/api/v1/models/demand-forecast/predict",
    "$context.status": "200",
    "$context.responseLength": "412",
    "$context.responseLatency": "142",
    "$context.integrationLatency": "131",
    "$context.authorizer.latency": "-",
    "$context.identity.sourceIp": "203.0.113.117",
    "$context.authorizer.key_id": "key_0123456789abcdef",
    "$context.error.responseType": "-",
    "$context.xrayTraceId": "Root=1-581cf771-a006649127e371903a2de979",
}


def main() -> None:
    """Print the tables, and write them into the document."""
    kept = recorded()
    text = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(document(text, kept), encoding="utf-8")
    for table in tables(kept).values():
        print(f"{table}\n")
    costs = {name: cost_of_a_million(call_of(kept), each) for name, each in traffics(kept).items()}
    sums = {name: round(sum(each.values()), 3) for name, each in costs.items()}
    print(json.dumps({"bench": "costs", "usd_per_million": sums, "parts": costs}))


def recorded() -> dict[str, Any]:
    """Return the recorded figures by the bench's name."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in FIGURES.glob("*.json")}


def document(text: str, kept: Mapping[str, Any]) -> str:
    """Return *text* with every table in its place. Raises: ValueError (a mark is missing)."""
    for name, table in tables(kept).items():
        text = with_table(text, name, table)
    return text


def with_table(text: str, name: str, table: str) -> str:
    """Replace what stands between the marks of *name*. Raises: ValueError (they are missing)."""
    begin, end = f"<!-- {name}: by bench.costs -->", f"<!-- end of {name} -->"
    pattern = re.compile(f"(?<={re.escape(begin)}\n).*?(?={re.escape(end)})", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise ValueError(f"The document lacks the marks of {name}.")
    return pattern.sub(lambda _: f"{table}\n", text)


def tables(kept: Mapping[str, Any]) -> dict[str, str]:
    """Return the tables by their marks."""
    return {
        "predictions": _predictions(kept),
        "sweep": _sweep(kept),
        "sizes": _sizes(kept),
        "snapshots": _snapshots(),
        "monitoring": _table(
            [
                f"{monitoring_costs.MODELS} models",
                "USD a month",
                *(f"% of the price of {size}" for size in monitoring_costs.ENDPOINT_USD),
            ],
            monitoring_costs.rows(check_usd(kept), log_usd(kept)),
        ),
    }


def call_of(kept: Mapping[str, Any]) -> Call:
    """Return a warm call of 1 kB as it was measured."""
    cases = kept["footprint"]["cases"]
    small, asked = cases["predict, tensor, 1 kB"], cases["authorizer"]
    access = line_bytes(access_log_fields(PRODUCTION), ACCESS_LOG_VALUES)
    return Call(
        predict_mib=_memory(PREDICT),
        predict_cpu_s=small["cpu_ms"] / 1_000,
        authorizer_mib=_memory(AUTHORIZER),
        authorizer_cpu_s=asked["cpu_ms"] / 1_000,
        log_bytes=small["log_bytes"] + small["log_events"] * LOG_EVENT_BYTES + access,
        authorizer_log_bytes=asked["log_bytes"] + asked["log_events"] * LOG_EVENT_BYTES,
        traced_share=PRODUCTION.traced_share,
    )


def traffics(kept: Mapping[str, Any]) -> dict[str, Traffic]:
    """Return the kinds of traffic by the heads of their columns."""
    scenarios = kept["scale"]["scenarios"]

    def units(name: str) -> dict[str, float]:
        found = scenarios[name]
        return {"reads": found["reads_per_million"], "writes": found["writes_per_million"]}

    busy = Traffic(
        provider_s=0.1, calls_per_authorization=BUSY_CALLS_PER_AUTHORIZATION, **units(BUSY)
    )
    return {
        "busy, 100 ms": busy,
        "busy, 300 ms": replace(busy, provider_s=0.3),
        "sparse, 100 ms": Traffic(provider_s=0.1, calls_per_authorization=1, **units(SPARSE)),
    }


def check_usd(kept: Mapping[str, Any]) -> float:
    """Return the price of an uptime check's prediction: the first after minutes, all of a run by
    one key, which the authorizer is asked for once."""
    parts = cost_of_a_million(call_of(kept), traffics(kept)["sparse, 100 ms"])
    return sum(usd for part, usd in parts.items() if part != "authorizer") / 1e6


def log_usd(kept: Mapping[str, Any]) -> float:
    """Return the price of the lines of a million predictions."""
    return cost_of_a_million(call_of(kept), traffics(kept)["busy, 100 ms"])["logs"]


def _memory(spec: FunctionSpec) -> int:
    return spec.size_in(PRODUCTION).memory_mib


def _predictions(kept: Mapping[str, Any]) -> str:
    call, every = call_of(kept), traffics(kept)
    costs = {name: cost_of_a_million(call, traffic) for name, traffic in every.items()}
    titles = {
        "predict": f"predict, {call.predict_mib} MiB",
        "logs": f"logs, {call.log_bytes:.0f} B a call",
        "X-Ray": f"X-Ray, {call.traced_share:.0%} of the calls",
        "authorizer": f"authorizer, {call.authorizer_mib} MiB",
    }
    rows = [
        [titles.get(part, part), *(f"{each[part]:.2f}" for each in costs.values())]
        for part in next(iter(costs.values()))
    ]
    rows.append(["**in all, USD**", *(f"**{sum(each.values()):.2f}**" for each in costs.values())])
    return _table(["a million predictions", *every], rows)


def _sweep(kept: Mapping[str, Any]) -> str:
    """Return durations and costs of a prediction by the memory of predict and authorizer."""
    call, cold = call_of(kept), kept["cold"]["functions"]
    rows = []
    for mib in SIZES:
        warm = replace(call, predict_mib=mib)
        seconds = aws_prices.duration_s(call.predict_cpu_s, mib, wait_s=0.1)
        firsts = [
            [_first_s(cold[spec.name][kind], mib) for spec in (AUTHORIZER, PREDICT)]
            for kind in ("total_s", "restored_s")
        ]
        large = kept["footprint"]["cases"]["predict, answer 4 MB"]["cpu_ms"] / 1_000
        rows.append(
            [
                f"{mib:,}",
                f"{1_000 * seconds:.1f}",
                f"{1e6 * predict_usd(warm, 0.1):.2f}",
                f"{_first_s(large, mib):.2f}",
                *(f"{each:.2f}" for first in firsts for each in first),
            ]
        )
    head = ["MiB", "warm, ms", "USD a million", "4 MB, s"]
    head += ["authorizer's first call, s", "predict's, s"]
    head += ["authorizer restored, s", "predict restored, s"]
    return _table(head, rows)


def _first_s(cpu_s: float, mib: int) -> float:
    return aws_prices.duration_s(cpu_s, mib)


def _sizes(kept: Mapping[str, Any]) -> str:
    """Return every function's memory beside what it needs."""
    peaks, cold = _peaks(kept), kept["cold"]["functions"]
    rows = []
    for spec in FUNCTIONS:
        mib, first = _memory(spec), cold.get(spec.name)
        rows.append(
            [
                spec.name,
                f"{mib:,}",
                f"{peaks[spec.name]:,}" if spec.name in peaks else "",
                f"{first['total_s']:.2f}" if first else "",
                f"{_first_s(first['total_s'], mib):.1f}" if first else "",
            ]
        )
    return _table(["function", "MiB", "most held", "first call, CPU s", "there, s"], rows)


def _snapshots() -> str:
    """Return what the snapshots of the newest versions cost, and their restores."""
    rows, total = [], 0.0
    for spec in AWAITED:
        size_gb = _memory(spec) / 1_024
        month = size_gb * aws_prices.SNAPSHOT_GB_SECOND * aws_prices.HOURS_A_MONTH * 3_600
        restores = size_gb * aws_prices.SNAPSHOT_RESTORED_GB * 100_000
        total += month
        rows.append([spec.name, f"{_memory(spec):,}", f"{month:.2f}", f"{restores:.2f}"])
    rows.append(["**in all**", "", f"**{total:.2f}**", ""])
    return _table(["function", "MiB", "kept, USD a month", "100,000 restores, USD"], rows)


def _peaks(kept: Mapping[str, Any]) -> dict[str, int]:
    """Return the most memory that each function was seen to hold, by its name."""
    found: dict[str, int] = dict(kept["live"]["peak_mib"])
    for case, row in kept["footprint"]["cases"].items():
        name = case.partition(",")[0].capitalize()
        found[name] = max(found.get(name, 0), row["peak_mib"])
    return found


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    main()
