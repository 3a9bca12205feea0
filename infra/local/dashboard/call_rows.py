"""Rows about calls: how many, how fast, how many failed."""

from collections.abc import Mapping, Sequence
from statistics import fmean, quantiles

from infra.figures import RESPONSE_TIME, VOLUME
from infra.local.dashboard.calls import LoggedPrediction
from infra.local.dashboard.panels import NO_CALLS, Panels, draw_by_model_and_caller
from infra.local.dashboard.plots import draw_lines, draw_stack, prepare, say_why_empty
from infra.local.dashboard.view import View

_ENOUGH_FOR_P95 = 20
_MOST_MODELS = 6
_OTHERS = "others"


def volume(panels: Panels, view: View) -> None:
    """Draw the number of calls."""
    everything, models, callers = panels
    seconds = view.step.total_seconds()
    every = f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.0f} min"  # noqa: PLR2004
    prepare(everything, f"{VOLUME.unit.capitalize()} in {every}, by model")
    if view.calls:
        draw_stack(everything, view.steps(), _counts(view), width=view.step)
    else:
        say_why_empty(everything, NO_CALLS)
    draw_by_model_and_caller((models, callers), view, "Calls", lambda each: each.calls, "{:,.0f}")


def response_time(panels: Panels, view: View) -> None:
    """Draw how long calls took, authorizer included."""
    everything, models, callers = panels
    prepare(everything, f"Average and p95 ({RESPONSE_TIME.unit})")
    if view.calls:
        average = view.over_time(lambda calls: fmean(each.latency_ms for each in calls))
        draw_lines(everything, {"average": average, "p95": view.over_time(_p95)})
    else:
        say_why_empty(everything, NO_CALLS)
    title = f"Average ({RESPONSE_TIME.unit})"
    draw_by_model_and_caller(
        (models, callers), view, title, lambda each: each.average_ms, "{:,.0f} ms"
    )


def errors(panels: Panels, view: View) -> None:
    """Draw the share of calls that failed by our or the provider's fault."""
    everything, models, callers = panels
    prepare(everything, "Calls with status 500 or more (%)")
    if view.calls:
        share = view.over_time(lambda calls: 100 * fmean(each.is_fault for each in calls))
        draw_lines(everything, {"share": share})
    else:
        say_why_empty(everything, NO_CALLS)
    draw_by_model_and_caller(
        (models, callers), view, "Failed (%)", lambda each: each.error_percent, "{:.1f} %"
    )


def _counts(view: View) -> Mapping[str, Sequence[int]]:
    """Return the calls in each step of the most called models, and of all others together."""
    steps = {at: i for i, at in enumerate(view.steps())}
    shown = view.models[:_MOST_MODELS]
    counts = {name: [0] * len(steps) for name in (*shown, _OTHERS)}
    for each in view.calls:
        name = each.model if each.model in shown else _OTHERS
        counts[name][steps[view.start_of_step(each.at)]] += 1
    return {name: values for name, values in counts.items() if any(values)}


def _p95(calls: Sequence[LoggedPrediction]) -> float:
    latencies = [each.latency_ms for each in calls]
    if len(latencies) < _ENOUGH_FOR_P95:
        return max(latencies)
    return quantiles(latencies, n=20)[-1]
