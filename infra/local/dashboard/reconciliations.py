"""What reconciliations have counted: models deployed, and dollars. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.common.metric_names import ENDPOINTS
from infra.figures import COSTS, DEPLOYED
from infra.local.dashboard.log_lines import LogLine

type Series = Sequence[tuple[datetime, float]]
"""Values by their times, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliations:
    """Figures of the reconciliations of all models, by their times.

    Attributes:
        usd: This month so far, all models together.
    """

    models: Series = ()
    endpoints: Series = ()
    usd: Series = ()

    @property
    def last_at(self) -> datetime | None:
        """When the last one was; None before the first."""
        return self.models[-1][0] if self.models else None


def reconciliations(lines: Iterable[LogLine]) -> Reconciliations:
    """Return the figures in *lines*."""
    own = sorted((each for each in lines if each.service == DEPLOYED.service), key=lambda x: x.at)
    of_all = [line for line in own if DEPLOYED.metric in line.fields]
    return Reconciliations(
        models=_series(of_all, DEPLOYED.metric),
        endpoints=_series(of_all, ENDPOINTS),
        usd=_series(of_all, COSTS.metric),
    )


def _series(lines: Iterable[LogLine], name: str) -> Series:
    return [(line.at, value) for line in lines if (value := line.number(name)) is not None]
