"""Settings of the describe function."""

from typing import Annotated

from msgspec import Meta

from functions.common.settings import SharedStateSettings


class DescribeSettings(SharedStateSettings, frozen=True, kw_only=True):
    """Settings of the read-only function."""

    api_url: Annotated[str, Meta(description="The API's own address, without a trailing slash.")]
