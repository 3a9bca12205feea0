"""Port: the counts of calls that all execution environments add up."""

from collections.abc import Collection
from typing import Protocol

from functions.common.outcomes.counts import CallCounts

MOST_QUARTERS = 16
"""Quarters that are kept, and read at once: four hours."""


class CallCountsUnavailableError(Exception):
    """The counts cannot be read or written now, which says nothing about any endpoint."""


class CallCountStore(Protocol):
    """Calls by deployment and quarter of an hour, for some hours.

    Every method may raise CallCountsUnavailableError; a write within a second.
    """

    def add(self, deployment_id: str, quarter: int, counts: CallCounts) -> None:
        """Add *counts* to those of the deployment in *quarter*."""
        ...

    def total(self, deployment_id: str, quarters: Collection[int]) -> CallCounts:
        """Return the deployment's counts in *quarters*, which are `MOST_QUARTERS` at most."""
        ...
