"""The calls that `bench.warm` measures: model, form and size of the body."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.upstream import ROW, ROW_BYTES

_CITIES = ("Zürich", "Bern", "Genève", "Lugano", "St. Gallen")
_COLUMNS = ("age", "height", "city", "member")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Calls of one kind.

    Attributes:
        model: A name of `models.MODELS`.
        form: Makes the body of about so many bytes.
        calls: How many are made per round.
    """

    model: str
    form: Callable[[int], str]
    body_bytes: int
    calls: int

    def body(self) -> str:
        """Return the body."""
        return self.form(self.body_bytes)


def tensor_body(size: int) -> str:
    """Return rows of four numbers, about *size* bytes."""
    rows = max(1, (size - 20) // ROW_BYTES)
    return '{"inputs": [' + (ROW * rows)[:-1] + "]}"


def _row(number: int) -> list[object]:
    return [number % 90, 1.5 + number % 500 / 1_000, _CITIES[number % 5], number % 3 == 0]


def split_body(size: int) -> str:
    """Return a table by `dataframe_split`, at most *size* bytes."""
    rows = [_row(number) for number in range(size // 36)]
    content = {"dataframe_split": {"columns": _COLUMNS, "data": rows}}
    return json.dumps(content, ensure_ascii=False)


def records_body(size: int) -> str:
    """Return a table by `dataframe_records`, at most *size* bytes."""
    rows = [dict(zip(_COLUMNS, _row(number), strict=True)) for number in range(size // 74)]
    return json.dumps({"dataframe_records": rows}, ensure_ascii=False)


CASES: Mapping[str, Case] = {
    "tensor, 200 B": Case(model="iris", form=tensor_body, body_bytes=200, calls=400),
    "tensor, 10 kB": Case(model="iris", form=tensor_body, body_bytes=10_000, calls=200),
    "tensor, 100 kB": Case(model="iris", form=tensor_body, body_bytes=100_000, calls=100),
    "tensor, 1 MB": Case(model="iris", form=tensor_body, body_bytes=1_000_000, calls=20),
    "tensor, 4 MB": Case(model="iris", form=tensor_body, body_bytes=4_000_000, calls=6),
    "tensor, 100 kB, answer 4 MB": Case(
        model="embedding", form=tensor_body, body_bytes=100_000, calls=8
    ),
    "tensor, 4 MB, answer 4 MB": Case(
        model="embedding", form=tensor_body, body_bytes=4_000_000, calls=4
    ),
    "split table, 100 kB": Case(model="table", form=split_body, body_bytes=100_000, calls=80),
    "split table, 4 MB": Case(model="table", form=split_body, body_bytes=4_000_000, calls=5),
    "records, 100 kB": Case(model="table", form=records_body, body_bytes=100_000, calls=80),
    "records, 4 MB": Case(model="table", form=records_body, body_bytes=4_000_000, calls=5),
}
