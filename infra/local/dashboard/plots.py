"""Plots of one kind each: over time, and one bar for each name."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter, date2num
from matplotlib.ticker import MaxNLocator

from infra.local.dashboard.reconciliations import Series

GREY, RED = "#5b6472", "#b3261e"
_COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c6d1f")
"""People who see few colours can distinguish them. Source: Okabe and Ito, Color Universal Design
(2008); its yellow is too pale on white."""
_TIME_FORMS = ((1 / 48, "%H:%M:%S"), (1, "%H:%M"), (float("inf"), "%d %b %H:%M"))
"""How times are written on an axis, by the days that it spans."""
_MOST_BARS = 8
_MOST_CHARACTERS, _MOST_IN_LEGEND = 28, 16


def colours(names: Sequence[str]) -> Mapping[str, str]:
    """Return a colour for each of the first *names*; all others are grey."""
    return dict.fromkeys(names, GREY) | dict(zip(names, _COLOURS, strict=False))


def prepare(axes: Axes, title: str) -> None:
    """Give *axes* its title and a quiet frame."""
    axes.set_title(title, loc="left", fontsize=10, color="#1f2933")
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8, colors=GREY)


def say_why_empty(axes: Axes, why: str) -> None:
    """Write *why* where there is nothing to draw."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.text(0.5, 0.5, why, ha="center", va="center", color=GREY, transform=axes.transAxes)


def draw_lines(axes: Axes, series: Mapping[str, Series], *, are_counts: bool = False) -> None:
    """Draw one line for each name; *are_counts*: whole numbers, each until the next one."""
    styles = zip(_COLOURS, ("-", "--", ":"), strict=False)
    for (name, values), (colour, style) in zip(series.items(), styles, strict=False):
        times, numbers = [at for at, _ in values], [value for _, value in values]
        shape: Any = "steps-post" if are_counts else "default"
        axes.plot(
            _numbers(times),
            numbers,
            style,
            color=colour,
            drawstyle=shape,
            marker="o",
            markersize=3,
            label=name,
        )
    if len(series) > 1:
        axes.legend(fontsize=8, frameon=False, ncols=2, loc="upper left")
    if are_counts:
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    highest = max((value for values in series.values() for _, value in values), default=0)
    axes.set_ylim(0, highest * 1.3 or 1)
    _show_times(axes)


def draw_stack(
    axes: Axes,
    times: Sequence[datetime],
    counts: Mapping[str, Sequence[int]],
    *,
    width: timedelta,
) -> None:
    """Draw a bar for each of *times*, with a part for each name."""
    coloured, bottom = colours([*counts]), [0] * len(times)
    for name, values in counts.items():
        axes.bar(
            _numbers(times),
            values,
            bottom=bottom,
            width=width / timedelta(days=1),
            align="edge",
            color=coloured[name],
            label=_short(name, _MOST_IN_LEGEND),
        )
        bottom = [low + value for low, value in zip(bottom, values, strict=True)]
    axes.set_ylim(0, max(bottom, default=0) * 1.45 or 1)
    axes.legend(fontsize=8, frameon=False, ncols=3, loc="upper left")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    _show_times(axes)


def draw_bars(
    axes: Axes, values: Mapping[str, float], *, form: str, colour: Mapping[str, str] | None = None
) -> None:
    """Draw one bar for each name, with its value in the *form*; further ones are only counted."""
    shown = dict([*values.items()][:_MOST_BARS])
    names = [_short(name) for name in shown]
    bars = axes.barh(
        range(len(shown)),
        [*shown.values()],
        color=[(colour or {}).get(name, GREY) for name in shown],
        height=0.6,
    )
    axes.bar_label(bars, [form.format(value) for value in shown.values()], padding=3, fontsize=8)
    axes.set_yticks(range(len(shown)), names)
    axes.set_ylim(max(len(shown), 4) - 0.5, -0.5)
    axes.set_xlim(0, max(shown.values(), default=0) * 1.25 or 1)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    if further := len(values) - len(shown):
        axes.set_xlabel(f"and {further} more", fontsize=8, color=GREY)


def _show_times(axes: Axes) -> None:
    # The module ships no types.
    locator = AutoDateLocator(tz=UTC, minticks=3, maxticks=6)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    first, last = axes.get_xlim()
    form = next(form for days, form in _TIME_FORMS if last - first <= days)
    axes.xaxis.set_major_formatter(DateFormatter(form, tz=UTC))  # type: ignore[no-untyped-call]
    axes.grid(axis="y", color="#e3e7ec", linewidth=0.7)
    axes.set_axisbelow(True)


def _numbers(times: Sequence[datetime]) -> Any:
    return date2num(times)  # type: ignore[no-untyped-call]


def _short(name: str, most: int = _MOST_CHARACTERS) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
