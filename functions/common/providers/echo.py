"""Compares what a provider says that it made with what was asked for."""

from collections.abc import Iterator, Mapping
from typing import Any

_SHOWN_CHARACTERS = 120


def differences(asked: Mapping[str, Any], echo: Mapping[str, Any]) -> list[str]:
    """Return a phrase for each value of *asked* that *echo* lacks or has otherwise.

    Objects are compared value by value, and may hold more than was asked for: a provider fills in
    defaults. An empty value is as good as none.
    """
    return list(_differences(asked, echo, ""))


def _differences(asked: Mapping[str, Any], echo: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for name, value in asked.items():
        found = echo.get(name)
        if isinstance(value, Mapping) and isinstance(found, Mapping):
            yield from _differences(value, found, f"{prefix}{name}.")
        elif isinstance(value, Mapping) or (value or None) != (found or None):
            yield f"{prefix}{name}: asked for {_shown(value)}, got {_shown(found)}"


def _shown(value: Any) -> str:
    if not value and not isinstance(value, Mapping):
        return "nothing"
    text = " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return f"`{text[:_SHOWN_CHARACTERS]}`"
