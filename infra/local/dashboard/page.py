"""The page: the picture, and its numbers as tables."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from infra.figures import COSTS, ERROR_RATE, RESPONSE_TIME, VOLUME, WRONG_NOW
from infra.local.dashboard.calls import Totals, by_caller, by_model, totals
from infra.local.dashboard.view import View

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 1.5rem auto; max-width: 1280px;
  padding: 0 1rem; color: #1f2933; background: #fff }
svg { width: 100%; height: auto }
table { border-collapse: collapse; margin: 0 0 2rem }
th, td { padding: .2rem 1rem .2rem 0; text-align: left; border-bottom: 1px solid #e3e7ec }
td.number, th.number { text-align: right }
"""
_COLUMNS = (
    "calls",
    "failed",
    f"{ERROR_RATE.title.lower()} ({ERROR_RATE.unit})",
    f"{RESPONSE_TIME.title.lower()} ({RESPONSE_TIME.unit})",
    "endpoints worked (s)",
    "users",
)


def page(view: View, svg: str) -> str:
    """Return the page, which loads nothing: *svg* is the picture."""
    title = f"Hokus model serving, local system, {view.now:%Y-%m-%d %H:%M:%S} UTC"
    all_calls = {"all": totals(view.calls)} if view.calls else {}
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
            svg,
            _calls("By model", "model", {**by_model(view.calls), **all_calls}),
            _calls("By caller", "user", by_caller(view.calls)),
            _costs(view),
            _troubles(view),
            "</body></html>",
        ]
    )


def _calls(title: str, what: str, found: Mapping[str, Totals]) -> str:
    rows = [
        [
            name,
            f"{each.calls:,}",
            f"{each.faults:,}",
            f"{each.error_percent:.1f}",
            f"{each.average_ms:.1f}",
            f"{each.provider_s:.1f}",
            f"{each.users:,}",
        ]
        for name, each in found.items()
    ]
    return _table(
        f"{VOLUME.title}, response time and errors: {title.lower()}", [what, *_COLUMNS], rows
    )


def _costs(view: View) -> str:
    rows = [[name, f"{usd:.6f}"] for name, usd in view.usd_by_model.items()]
    return _table(f"{COSTS.title} this month so far", ["model", COSTS.unit], rows)


def _troubles(view: View) -> str:
    rows = [
        [each.what, each.model, each.service, f"{each.times:,}", f"{each.last_at:%H:%M:%S}"]
        for each in view.troubles
    ]
    return _table(WRONG_NOW, ["what", "model", "function", "times", "last (UTC)"], rows)


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return f"<h2>{escape(title)}</h2><p>Nothing.</p>"
    head = "".join(f"<th>{escape(each)}</th>" for each in columns)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return f"<h2>{escape(title)}</h2><table><tr>{head}</tr>{body}</table>"


def _cells(row: Iterable[str]) -> str:
    return "".join(f"<td>{escape(each)}</td>" for each in row)
