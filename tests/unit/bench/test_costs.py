"""The arithmetic of costs, and that docs/costs.md holds what the recorded figures give."""

from dataclasses import replace

import pytest

from bench import aws_prices, costs
from bench.prediction_costs import (
    LOG_EVENT_BYTES,
    Call,
    Traffic,
    cost_of_a_million,
    line_bytes,
)
from infra.constructs.api_stage import access_log_fields
from infra.environments import PRODUCTION

CALL = Call(
    predict_mib=512,
    predict_cpu_s=0.001,
    authorizer_mib=1_024,
    authorizer_cpu_s=0.002,
    log_bytes=1_000,
    authorizer_log_bytes=0,
    traced_share=0.05,
)
TRAFFIC = Traffic(provider_s=0.1, calls_per_authorization=10, reads=800_000, writes=160_000)


def test_work_takes_longer_with_less_memory() -> None:
    """A quarter of a CPU at a quarter of its memory, and never more than one; waiting stays."""
    assert pytest.approx(0.5) == aws_prices.duration_s(0.1, 442.25, wait_s=0.1)
    assert pytest.approx(0.2) == aws_prices.duration_s(0.1, 3_000, wait_s=0.1)


def test_a_million_predictions_cost_what_their_parts_cost() -> None:
    """Worked out by hand from the list prices."""
    parts = cost_of_a_million(CALL, TRAFFIC)

    predict = (0.1 + 0.001 * 1_769 / 512) * 0.5 * 13.3334 + 0.20
    asked = 0.1 * ((0.05 + 0.002 * 1_769 / 1_024) * 13.3334 + 0.20)
    assert parts == pytest.approx(
        {
            "API Gateway REST": 3.50,
            "predict": predict,
            "logs": 0.50,
            "X-Ray": 0.25,
            "authorizer": asked,
            "DynamoDB": 0.20,
        }
    )


def test_waiting_costs_by_memory_and_work_does_not() -> None:
    """Half of the memory takes twice as long for the same work, at half the price."""
    idle = replace(TRAFFIC, provider_s=0)
    small, large = (
        cost_of_a_million(replace(CALL, predict_mib=mib), idle)["predict"] for mib in (512, 1_024)
    )
    waiting = cost_of_a_million(replace(CALL, predict_mib=1_024), TRAFFIC)["predict"]

    assert pytest.approx(large) == small
    assert waiting > large


def test_every_variable_of_the_access_log_has_a_length() -> None:
    """A field that is added to the log must be paid for in the table, too."""
    fields = {"status": "$context.status", "service": "gateway"}
    line = line_bytes(fields, {"$context.status": "200"})

    assert len('{"status": "200", "service": "gateway"}') + LOG_EVENT_BYTES == line
    values = access_log_fields(PRODUCTION).values()
    assert {value for value in values if value.startswith("$")} == set(costs.ACCESS_LOG_VALUES)


def test_a_table_is_replaced_between_its_marks() -> None:
    """All around it stays, and a second time changes nothing."""
    text = "a\n<!-- t: by bench.costs -->\nold\n<!-- end of t -->\nb\n"

    once = costs.with_table(text, "t", "| new |")

    assert once == "a\n<!-- t: by bench.costs -->\n| new |\n<!-- end of t -->\nb\n"
    assert once == costs.with_table(once, "t", "| new |")


def test_a_document_without_marks_is_an_error() -> None:
    """Nothing is written that nobody would find."""
    with pytest.raises(ValueError, match="marks of t"):
        costs.with_table("text", "t", "| new |")


def test_the_document_holds_what_the_recorded_figures_give() -> None:
    """Prices, sizes of functions and figures change; `python -m bench.costs` makes it anew."""
    text = costs.DOCUMENT.read_text(encoding="utf-8")

    assert text == costs.document(text, costs.recorded())


def test_a_busy_million_stays_below_its_bound() -> None:
    """5.50 USD with API Gateway, at an endpoint that answers in 100 ms."""
    kept = costs.recorded()

    parts = cost_of_a_million(costs.call_of(kept), costs.traffics(kept)["busy, 100 ms"])

    assert sum(parts.values()) <= 5.5
