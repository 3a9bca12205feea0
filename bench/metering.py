"""Counts what is asked of DynamoDB and of ports, and what of it AWS would bill."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Tally:
    """Requests made.

    Attributes:
        reads, writes: DynamoDB's request units.
        index_writes: Those of the writes that follow in its indexes.
        pages: Answers to queries and scans.
        requests: Calls of DynamoDB by operation, and of ports by `port.method`.
        lambdas: Invocations by task.
        tag_writes: Tags set on, or removed from, the registry's versions.
    """

    reads: int = 0
    writes: int = 0
    index_writes: int = 0
    pages: int = 0
    tag_writes: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    lambdas: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Count what *other* has counted, too."""
        self.reads += other.reads
        self.writes += other.writes
        self.index_writes += other.index_writes
        self.pages += other.pages
        self.tag_writes += other.tag_writes
        self.requests.update(other.requests)
        self.lambdas.update(other.lambdas)

    def of_port(self, port: str) -> Counter[str]:
        """The port's calls, by method."""
        prefix = f"{port}."
        return Counter(
            {
                name.removeprefix(prefix): count
                for name, count in self.requests.items()
                if name.startswith(prefix)
            }
        )


class Ledger:
    """The tally that is being written; what nobody opened one for goes to the first."""

    def __init__(self) -> None:
        self.now = Tally()

    @contextmanager
    def opened(self) -> Iterator[Tally]:
        """Everything within the block counts into the new tally alone."""
        before, self.now = self.now, Tally()
        try:
            yield self.now
        finally:
            self.now = before


class MeteredPort:
    """A port whose *methods* are counted; all else passes through."""

    def __init__(
        self, port: Any, name: str, methods: frozenset[str], ledger: Callable[[], Tally]
    ) -> None:
        self._port, self._name, self._methods, self._ledger = port, name, methods, ledger

    def __getattr__(self, name: str) -> Any:
        if name in self._methods:
            self._ledger().requests[f"{self._name}.{name}"] += 1
        return getattr(self._port, name)
