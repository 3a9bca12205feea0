"""Rows about models: which are deployed, what they cost, who uses them."""

from infra.figures import COSTS
from infra.local.dashboard.calls import NO_USER, by, by_caller, by_model
from infra.local.dashboard.panels import NO_CALLS, NO_RECONCILIATION, Panels, draw_named
from infra.local.dashboard.plots import colours, draw_bars, draw_lines, prepare, say_why_empty
from infra.local.dashboard.reconciliations import Series
from infra.local.dashboard.view import View

_NO_USD = "no endpoint has cost anything yet"


def deployed(panels: Panels, view: View) -> None:
    """Draw how many models serve, and which versions answered."""
    everything, versions, callers = panels
    prepare(everything, "Models that serve, and their endpoints")
    series = {"models": view.reconciled.models, "endpoints": view.reconciled.endpoints}
    if view.reconciled.models:
        draw_lines(everything, series, are_counts=True)
    else:
        say_why_empty(everything, NO_RECONCILIATION)
    answered = [each for each in view.calls if not each.code]
    found = by(answered, lambda each: f"{each.model}, version {each.version}")
    draw_named(versions, "Predictions, by version", found, lambda each: each.calls, "{:,.0f}")
    served = by_caller(answered)
    draw_named(callers, "Models called, by caller", served, lambda each: each.models, "{:,.0f}")


def costs(panels: Panels, view: View) -> None:
    """Draw the dollars of this month, and whom the endpoints worked for."""
    everything, models, callers = panels
    prepare(everything, f"{COSTS.unit} this month so far")
    if view.reconciled.usd:
        draw_lines(everything, {"all": view.reconciled.usd})
    else:
        say_why_empty(everything, NO_RECONCILIATION)
    prepare(models, f"{COSTS.unit} this month so far, by model")
    if view.usd_by_model:
        draw_bars(models, view.usd_by_model, form="{:.5f} USD", colour=colours(view.models))
    else:
        say_why_empty(models, _NO_USD)
    title = "Seconds that endpoints worked, by caller"
    draw_named(callers, title, by_caller(view.calls), lambda each: each.provider_s, "{:,.1f} s")


def adoption(panels: Panels, view: View) -> None:
    """Draw how many people call."""
    everything, models, callers = panels
    prepare(everything, "Distinct users since the first call")
    if view.calls:
        draw_lines(everything, {"users": _users_so_far(view)}, are_counts=True)
    else:
        say_why_empty(everything, NO_CALLS)
    called = by_model(view.calls)
    title = "Distinct users, by model"
    draw_named(
        models, title, called, lambda each: each.users, "{:,.0f}", colour=colours(view.models)
    )
    served = by_caller([each for each in view.calls if not each.code])
    draw_named(callers, "Predictions, by caller", served, lambda each: each.calls, "{:,.0f}")


def _users_so_far(view: View) -> Series:
    seen: set[str] = set()
    series = []
    for each in view.calls:
        if each.user != NO_USER and each.user not in seen:
            seen.add(each.user)
            series.append((each.at, float(len(seen))))
    return [*series, (view.calls[-1].at, float(len(seen)))]
