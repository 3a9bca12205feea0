"""The CDK app: one stack, in the environment that `-c env=…` names."""

import os

import aws_cdk as cdk

from infra.environments import environment_from_context
from infra.stack import ModelServingStack

STACK_NAME = "HokusModelServing"


def main() -> None:
    """Write the template to the folder that the CDK CLI, which starts this, has chosen."""
    app = cdk.App()
    ModelServingStack(
        app,
        STACK_NAME,
        environment=environment_from_context(app.node.try_get_context),
        # Without credentials neither is set, and the template fits any account and region.
        env=cdk.Environment(
            account=os.environ.get("CDK_DEFAULT_ACCOUNT"),
            region=os.environ.get("CDK_DEFAULT_REGION"),
        ),
    )
    app.synth()


if __name__ == "__main__":
    main()
