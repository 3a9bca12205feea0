"""The table for short-lived state that the data plane's execution environments share."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.nag import acknowledge


class ServingStateTable(Construct):
    """On demand and encrypted; items expire (`expiration`, Unix seconds).

    It holds circuit breakers, wake-ups, and answers kept for idempotency keys. Losing it loses no
    deployment, so it is neither backed up nor retained.
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
        acknowledge(self.table, {"AwsSolutions-DDB3": "Its items are worth nothing after an hour."})
