"""The table of what all execution environments of the data plane share for minutes or hours."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.nag import acknowledge


class ServingStateTable(Construct):
    """On demand and encrypted; items go by themselves (`expiration`, Unix seconds).

    Circuit breakers and wake-ups, answers kept for idempotency keys, keys that are being
    validated: losing it loses no deployment, so it is neither backed up nor kept.
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        self.table = dynamodb.TableV2(
            self,
            "Table",
            partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING),
            billing=dynamodb.Billing.on_demand(),
            encryption=dynamodb.TableEncryptionV2.aws_managed_key(),
            time_to_live_attribute="expiration",
            removal_policy=RemovalPolicy.DESTROY,
        )
        acknowledge(self.table, {"AwsSolutions-DDB3": "Nothing in it is worth more than an hour."})
