"""`python -m infra.local.dashboard`: draws the six figures of the running local system."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from infra.command_line import describe_failures
from infra.local.dashboard.dollars import dollars
from infra.local.dashboard.log_lines import log_lines
from infra.local.dashboard.page import page
from infra.local.dashboard.picture import as_svg, draw, save_png
from infra.local.dashboard.reconciliations import reconciliations
from infra.local.dashboard.view import view
from infra.local.deployment import stack_outputs
from infra.local.function_logs import FILE
from infra.local.parts import ROOT
from infra.local.processes import wait_for
from infra.local.system import LocalSystem, load
from infra.local.webhook import request_reconciliation

_WITHIN_S = 60
_NOTHING_RUNS = "No local system is running: start one with `make up`, then call a model."


def main(arguments: list[str] | None = None) -> int:
    """Draw the page and the picture; return the exit status."""
    describe_failures()
    parser = argparse.ArgumentParser(prog="python -m infra.local.dashboard", description=__doc__)
    parser.add_argument("--state", type=Path, default=ROOT / ".local", help="the system's folder")
    state = parser.parse_args(arguments).state
    system = load(state)
    if system is None or not system.is_alive:
        print(_NOTHING_RUNS, file=sys.stderr)
        return 1
    _count_now(system)
    for path in write_dashboard(system, folder=state):
        print(path)
    return 0


def _count_now(system: LocalSystem) -> None:
    """Have everything reconciled, as the schedule does, which counts models and dollars; wait
    until the log says so."""
    log, began = system.logs / FILE, datetime.now(UTC)
    log.touch()  # it is made with its first line

    def is_counted() -> bool:
        with log.open(errors="replace") as lines:
            last_at = reconciliations(log_lines(lines)).last_at
        return last_at is not None and last_at >= began

    request_reconciliation(system.aws_url, stack_outputs(system.state)["ReconcileFunction"])
    if not wait_for(is_counted, timeout_s=_WITHIN_S, every_s=0.5):
        print("The reconciler has not counted yet: models and costs may be old.", file=sys.stderr)


def write_dashboard(system: LocalSystem, *, folder: Path) -> tuple[Path, Path]:
    """Draw `dashboard.html` and `dashboard.png` in *folder*; return them."""
    now = datetime.now(UTC)
    with (system.logs / FILE).open(errors="replace") as lines:
        shown = view(log_lines(lines), usd_by_model=dollars(system, now=now), now=now)
    sheet = draw(shown)
    html, png = folder / "dashboard.html", folder / "dashboard.png"
    html.write_text(page(shown, as_svg(sheet)))
    save_png(sheet, png)
    return html, png


if __name__ == "__main__":
    sys.exit(main())
