"""The index of the table `deployed_models` that a reconciliation of all models reads.

It is sparse: an item is in it as long as it has the attribute that is its partition key. Those are
the items `target`, of which every model has one, and every deployment that is not settled. It holds
what the planner reads, no schemas and no examples, and is a moment behind.
"""

NAME = "unsettled"
KEY = "unsettled"
VALUE = {"S": "1"}
"""All items share one partition, which takes 1,000 changes a second."""
ATTRIBUTES = (
    "announced",
    "attempt",
    "created_at",
    "deployment_id",
    "endpoint_name",
    "execution_arn",
    "handed_to",
    "hourly_cost_usd",
    "model_version",
    "origin",
    "reason",
    "registered_at",
    "registry_version",
    "removed",
    "requested_at",
    "retryable",
    "run",
    "status",
    "updated_at",
)
"""Beside the keys of table and index; DynamoDB takes 20 at most."""
