"""Panels of a row: a bar for each model, and for each caller."""

from collections.abc import Callable, Mapping, Sequence

from matplotlib.axes import Axes

from infra.local.dashboard.calls import Totals, by_caller, by_model
from infra.local.dashboard.plots import colours, draw_bars, prepare, say_why_empty
from infra.local.dashboard.view import View

type Panels = Sequence[Axes]
"""Places of a row, from left to right: in all, by model, by caller."""

NO_CALLS = "no call of the API yet"
NO_RECONCILIATION = "no reconciliation of all models yet"


def draw_by_model_and_caller(
    panels: Panels, view: View, title: str, value: Callable[[Totals], float], form: str
) -> None:
    """Draw the *value* of each model, and of each caller, in two panels."""
    models, callers = panels
    coloured = colours(view.models)
    draw_named(models, f"{title}, by model", by_model(view.calls), value, form, colour=coloured)
    draw_named(callers, f"{title}, by caller", by_caller(view.calls), value, form)


def draw_named(
    axes: Axes,
    title: str,
    found: Mapping[str, Totals],
    value: Callable[[Totals], float],
    form: str,
    *,
    colour: Mapping[str, str] | None = None,
) -> None:
    """Draw the *value* of each of *found*, in the *form*."""
    prepare(axes, title)
    if found:
        draw_bars(axes, {k: value(v) for k, v in found.items()}, form=form, colour=colour)
    else:
        say_why_empty(axes, NO_CALLS)
