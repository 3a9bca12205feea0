"""The DynamoDB tables: deployments, and the short-lived state of the data plane."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from functions.common.deployments import history_index, model_index, unsettled_index
from infra.config import Environment
from infra.nag import acknowledge


class DeploymentsTable(Construct):
    """The table of deployments: one item per deployment, one item `live` per model.

    Records of settled deployments expire (`expiration`, Unix seconds).
    Recoverable to any second of the last 35 days, and for so long after its deletion.
    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html
    """

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        self.table = dynamodb.TableV2(
            self,
            "Table",
            table_name=environment.table_name,
            partition_key=_string("model_id"),
            sort_key=_string("id"),
            global_secondary_indexes=[
                dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name=model_index.NAME,
                    partition_key=_string("id"),
                    sort_key=_string("model_id"),
                    projection_type=dynamodb.ProjectionType.INCLUDE,
                    non_key_attributes=list(model_index.ATTRIBUTES),
                ),
                dynamodb.GlobalSecondaryIndexPropsV2(
                    index_name=unsettled_index.NAME,
                    partition_key=_string(unsettled_index.KEY),
                    sort_key=_string("model_id"),
                    projection_type=dynamodb.ProjectionType.INCLUDE,
                    non_key_attributes=list(unsettled_index.ATTRIBUTES),
                ),
            ],
            local_secondary_indexes=[
                dynamodb.LocalSecondaryIndexProps(
                    index_name=history_index.NAME,
                    sort_key=_string(history_index.KEY),
                    projection_type=dynamodb.ProjectionType.INCLUDE,
                    non_key_attributes=list(history_index.ATTRIBUTES),
                )
            ],
            time_to_live_attribute="expiration",
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.aws_managed_key(),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            removal_policy=environment.removal_policy,
        )

    def index_arn(self, name: str) -> str:
        """Return the ARN of the index *name*."""
        return f"{self.table.table_arn}/index/{name}"


class ServingStateTable(Construct):
    """Circuit breakers, wake-ups, and responses kept for idempotency keys.

    Items expire (`expiration`, Unix seconds). Losing the table loses no deployment, so it is
    neither backed up nor retained.
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        self.table = dynamodb.TableV2(
            self,
            "Table",
            partition_key=_string("id"),
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.aws_managed_key(),
            time_to_live_attribute="expiration",
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(self.table, {"AwsSolutions-DDB3": "Its items are worth nothing after an hour."})


def _string(name: str) -> dynamodb.Attribute:
    return dynamodb.Attribute(name=name, type=dynamodb.AttributeType.STRING)
