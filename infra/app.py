"""The CDK app: one stack, in the environment that `-c env=…` names."""

import os
import sys

import aws_cdk as cdk

from infra.context import environment_from_context
from infra.environments import ConfigurationError
from infra.stack import ModelServingStack
from infra.target import target_of


def main() -> None:
    """Write the template to the folder that the CDK CLI, which starts this, has chosen."""
    app = cdk.App()
    try:
        environment = environment_from_context(app.node.try_get_context)
        target = target_of(environment, os.environ)
    except ConfigurationError as error:
        sys.exit(str(error))
    ModelServingStack(app, environment=environment, env=target)
    app.synth()


if __name__ == "__main__":
    main()
