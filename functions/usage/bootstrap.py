"""Puts the usage function together, once per execution environment."""

from functools import cache

from functions.common import aws_clients
from functions.common.usage.dynamodb import DynamoUsageStore
from functions.usage.call_log import CloudWatchCallLog
from functions.usage.roll_up import RollUp
from functions.usage.settings import UsageSettings


@cache
def roll_up() -> RollUp:
    """Return the function in AWS; its settings are read at the first call, never at import."""
    settings = UsageSettings.from_env()
    return RollUp(
        log=CloudWatchCallLog(aws_clients.logs(), settings.predict_log_group),
        store=DynamoUsageStore(aws_clients.deployments_table_of_tasks(), settings.table_name),
    )
