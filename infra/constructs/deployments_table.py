"""The table `deployed_models`: one item per deployment, one item `live` per model."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from functions.common.deployments import model_index
from infra.config import Environment

TABLE_NAME = "deployed_models"


class DeploymentsTable(Construct):
    """On demand, encrypted, recoverable to any second of the last 35 days."""

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        self.table = dynamodb.TableV2(
            self,
            "Table",
            # People and other services know the table by this name.
            table_name=TABLE_NAME,
            partition_key=dynamodb.Attribute(name="model_id", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            global_secondary_indexes=[_models_by_name()],
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.aws_managed_key(),
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
            deletion_protection=environment.keep_data,
            removal_policy=(
                RemovalPolicy.RETAIN if environment.keep_data else RemovalPolicy.DESTROY
            ),
        )

    @property
    def index_arn(self) -> str:
        """The index that lists models."""
        return f"{self.table.table_arn}/index/{model_index.NAME}"


def _models_by_name() -> dynamodb.GlobalSecondaryIndexPropsV2:
    return dynamodb.GlobalSecondaryIndexPropsV2(
        index_name=model_index.NAME,
        partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
        sort_key=dynamodb.Attribute(name="model_id", type=dynamodb.AttributeType.STRING),
        projection_type=dynamodb.ProjectionType.INCLUDE,
        non_key_attributes=list(model_index.ATTRIBUTES),
    )
