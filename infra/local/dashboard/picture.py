"""The picture: a row for each of the six figures, and one of what is wrong now."""

import textwrap
from collections.abc import Callable, Sequence
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Sheet
from matplotlib.figure import SubFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from infra.figures import (
    ADOPTION,
    COSTS,
    DEPLOYED,
    ERROR_RATE,
    RESPONSE_TIME,
    VOLUME,
    WRONG_NOW,
    Figure,
)
from infra.local.dashboard import call_rows, model_rows
from infra.local.dashboard.panels import Panels
from infra.local.dashboard.plots import GREY, RED
from infra.local.dashboard.view import View

_ROWS: Sequence[tuple[Figure, Callable[[Panels, View], None]]] = (
    (DEPLOYED, model_rows.deployed),
    (VOLUME, call_rows.volume),
    (RESPONSE_TIME, call_rows.response_time),
    (ERROR_RATE, call_rows.errors),
    (COSTS, model_rows.costs),
    (ADOPTION, model_rows.adoption),
)
_WIDTH_IN, _ROW_IN, _DPI = 16, 2.9, 110
_PAD_IN = 0.12
_MOST_TROUBLES = 10
_WHAT_CHARACTERS, _MODEL_CHARACTERS = 70, 32


def draw(view: View) -> Sheet:
    """Return the picture of *view*."""
    height = _ROW_IN * (len(_ROWS) + 1)
    layout = ConstrainedLayoutEngine(w_pad=_PAD_IN, h_pad=_PAD_IN)
    sheet = Sheet(figsize=(_WIDTH_IN, height), dpi=_DPI, layout=layout, facecolor="white")
    sheet.suptitle(
        f"Hokus model serving, local system, {view.now:%Y-%m-%d %H:%M:%S} UTC",
        fontsize=16,
        x=0.01,
        ha="left",
    )
    # An array, whose elements its type leaves open.
    parts: Any = sheet.subfigures(len(_ROWS) + 1, 1)
    for part, (figure, draw_row) in zip(parts, _ROWS, strict=False):
        _title(part, figure.title)
        draw_row(list(part.subplots(1, 3)), view)
    _title(parts[-1], f"{WRONG_NOW}, by the last hour of the log")
    _draw_troubles(parts[-1].subplots(1, 1), view)
    return sheet


def as_svg(sheet: Sheet) -> str:
    """Return *sheet* as an SVG element, its text as shapes: it looks the same everywhere."""
    text = StringIO()
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": "hokus"}):
        sheet.savefig(text, format="svg", metadata={"Date": None})
    _, _, element = text.getvalue().partition("<svg")
    return f"<svg{element}"


def save_png(sheet: Sheet, path: Path) -> None:
    """Write *sheet* to *path*."""
    content = BytesIO()
    sheet.savefig(content, format="png")
    path.write_bytes(content.getvalue())


def _title(part: SubFigure, title: str) -> None:
    part.suptitle(title, fontsize=13, fontweight="bold", x=0.01, ha="left")


def _draw_troubles(axes: Axes, view: View) -> None:
    axes.set_axis_off()
    if not view.troubles:
        axes.text(0.02, 0.8, "Nothing.", fontsize=11, transform=axes.transAxes)
        return
    shown = view.troubles[:_MOST_TROUBLES]
    table = axes.table(
        [
            [
                f"{each.last_at:%H:%M:%S}",
                each.service,
                textwrap.shorten(each.what, _WHAT_CHARACTERS),
                textwrap.shorten(each.model, _MODEL_CHARACTERS, placeholder="…") or "-",
                f"{each.times:,}",
            ]
            for each in shown
        ],
        colLabels=["last (UTC)", "function", "what", "model", "times"],
        colWidths=[0.08, 0.12, 0.5, 0.22, 0.06],
        cellLoc="left",
        colLoc="left",
        loc="upper left",
        edges="horizontal",
    )
    table.auto_set_font_size(False)
    table.set_fontsize(9)
    table.scale(1, 1.25)
    for (row, _), cell in table.get_celld().items():
        cell.set_edgecolor("#e3e7ec")
        cell.get_text().set_color(GREY if row == 0 else RED)
    if further := len(view.troubles) - len(shown):
        axes.text(0.02, 0, f"and {further} more", color=GREY, transform=axes.transAxes)
