"""Crashes and faults that happen at the n-th thing that is done to the world outside."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

type Moment = Literal["before", "after"]


class Crash(BaseException):
    """The process is gone; like one, it is nothing that `except Exception` could catch."""


class Violation(SystemExit):
    """Something that must never happen has happened; no `except Exception` may hide it.

    A SystemExit, since Hypothesis finds the shortest history of no other BaseException.
    """


def must(holds: bool, what: str) -> None:
    """Raises: Violation."""
    if not holds:
        raise Violation(what)


@dataclass(slots=True)
class Accident:
    """What happens at a call: *error* is raised before or after the work."""

    countdown: int
    moment: Moment
    error: BaseException


class Accidents:
    """Those that are still to come, counted in calls of guarded ports."""

    def __init__(self) -> None:
        self.coming: list[Accident] = []
        self.happened = 0

    def stop(self) -> None:
        """From now on all goes well."""
        self.coming.clear()

    def around(self, work: Callable[[], Any]) -> Any:
        """Do *work*, unless something comes in between."""
        due = []
        for accident in self.coming:
            accident.countdown -= 1
            if accident.countdown <= 0:
                due.append(accident)
        for accident in due:
            self.coming.remove(accident)
            self.happened += 1
            if accident.moment == "before":
                raise accident.error
        result = work()
        for accident in due:
            raise accident.error
        return result


class Guarded:
    """A port whose *methods* can meet with accidents; all else passes through."""

    def __init__(self, port: Any, accidents: Accidents, methods: frozenset[str]) -> None:
        self._port, self._accidents, self._methods = port, accidents, methods

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self._port, name)
        if name not in self._methods:
            return attribute
        return lambda *args, **options: self._accidents.around(lambda: attribute(*args, **options))
