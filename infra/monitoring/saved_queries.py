"""Queries of the logs, saved for people and shown on the dashboard.

Saving them costs nothing; a query costs by the gigabytes that it looks through.
"""

from collections.abc import Mapping

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.config import Environment
from infra.monitoring.queries import QUERIES, LogQuery


def save_queries(
    scope: Construct, environment: Environment, log_groups: Mapping[str, logs.ILogGroup]
) -> None:
    """Save all queries in a folder called like the stack; *log_groups* by their names."""
    for query in QUERIES:
        logs.CfnQueryDefinition(
            scope,
            "".join(word.capitalize() for word in query.name.split()),
            name=f"{environment.stack_name}/{query.name}",
            query_string=query.text,
            log_group_names=[log_groups[name].log_group_name for name in query.of],
        )


def table(query: LogQuery, log_groups: Mapping[str, logs.ILogGroup]) -> cloudwatch.LogQueryWidget:
    """Return a table for the dashboard, which runs *query* each time that somebody looks."""
    return cloudwatch.LogQueryWidget(
        title=query.name,
        log_group_names=[log_groups[name].log_group_name for name in query.of],
        query_string=query.text,
        view=cloudwatch.LogQueryVisualizationType.TABLE,
        width=12,
        height=6,
    )
