"""Dollars of each model, read in the reconciler's ledger: the log has only their sum all day."""

from collections.abc import Mapping
from datetime import datetime

from functions.common.ledger.dynamodb import PREFIX, DynamoLedger
from functions.common.ledger.months import month_of
from infra.local.deployment import aws_client, stack_outputs
from infra.local.system import LocalSystem


def dollars(system: LocalSystem, *, now: datetime) -> Mapping[str, float]:
    """Return the US dollars of the month *now* so far, by model."""
    functions = aws_client("lambda", system.aws_url)
    reconciler = stack_outputs(system.state)["ReconcileFunction"]
    configuration = functions.get_function_configuration(FunctionName=reconciler)
    table, month = configuration["Environment"]["Variables"]["TABLE_NAME"], month_of(now)
    client = aws_client("dynamodb", system.aws_url)
    pages = client.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="id = :id",
        ProjectionExpression="model_id",
        ExpressionAttributeValues={":id": {"S": f"{PREFIX}{month}"}},
    )
    names = [item["model_id"]["S"] for page in pages for item in page["Items"]]
    found = DynamoLedger(client, table).months(names, [month])
    return {each.model_id: each.usd for each in found.values() if each.endpoints}
