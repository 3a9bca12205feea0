"""Settings that several functions need to compare answers."""

from typing import Annotated

from msgspec import Meta

Tolerance = Annotated[
    float,
    Meta(
        ge=0,
        le=1,
        description="How far a number of an agreeing answer may differ, as a share of its size.",
    ),
]
"""Setting."""
