"""Every error of the API by its code."""

from collections.abc import Iterator
from functools import cache

from functions.common.errors import ServiceError


@cache
def errors() -> dict[str, type[ServiceError]]:
    """Return the class of each code; the general one where several share a code."""
    known: dict[str, type[ServiceError]] = {}
    for each in _family(ServiceError):
        known.setdefault(each.code, each)
    return known


def _family(error: type[ServiceError]) -> Iterator[type[ServiceError]]:
    yield error
    for each in error.__subclasses__():
        yield from _family(each)
