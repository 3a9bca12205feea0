"""Settings of the describe function."""

from pydantic import Field

from functions.common.settings import SharedStateSettings, TableSettings


class DescribeSettings(TableSettings, SharedStateSettings):
    """Settings of the read-only function."""

    api_url: str = Field(description="The API's own address, without a trailing slash.")
