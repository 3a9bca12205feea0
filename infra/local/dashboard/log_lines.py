"""Lines of the functions' log, as `infra.local.function_logs` writes them. Pure."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from functions.common.metric_names import SERVICE

_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}) (\S+) (.*)", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of a function.

    Attributes:
        at: When it was logged, in UTC.
        function: The function's name in AWS.
        fields: Of a line that is a JSON object; empty for others.
    """

    at: datetime
    function: str
    text: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """The function's name in its own lines; empty where it gives none."""
        return str(self.fields.get(SERVICE, ""))

    def number(self, name: str) -> float | None:
        """Return the number *name*, also of a list with this one number, as some libraries write
        metrics; None where there is none."""
        value = self.fields.get(name)
        if isinstance(value, list) and len(value) == 1:
            (value,) = value
        return float(value) if isinstance(value, int | float) else None


def log_lines(texts: Iterable[str]) -> Iterator[LogLine]:
    """Yield the lines among *texts*; those that continue another one are left out."""
    for text in texts:
        if match := _LINE.match(text.rstrip("\n")):
            time, function, message = match.groups()
            yield LogLine(
                at=datetime.fromisoformat(time).replace(tzinfo=UTC),
                function=function,
                text=message,
                fields=_fields(message),
            )


def _fields(message: str) -> Mapping[str, Any]:
    try:
        found = json.loads(message)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
