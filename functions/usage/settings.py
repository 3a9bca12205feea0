"""Settings of the usage function."""

from typing import Annotated

from msgspec import Meta

from functions.common.settings import TableSettings


class UsageSettings(TableSettings, frozen=True, kw_only=True):
    """Settings of the function that rolls usage up."""

    predict_log_group: Annotated[str, Meta(description="Name of predict's log group.")]
