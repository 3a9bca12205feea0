"""A part of the local system that a benchmark uses alone."""

from collections.abc import Iterator
from contextlib import contextmanager

from infra.local.parts import Part
from infra.local.processes import stop


@contextmanager
def running(part: Part) -> Iterator[str]:
    """Run *part* until the block ends; yield its address once it answers."""
    process = part.start()
    try:
        part.wait_until_ready(process)
        yield part.url
    finally:
        stop([process])
