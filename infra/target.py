"""The account and region of an environment; the local one never gets an account of AWS."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import aws_cdk as cdk

from infra import emulator
from infra.config import Environment
from infra.environments import LOCAL, ConfigurationError

_THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}


class WrongTargetError(ConfigurationError):
    """The local environment would be deployed to AWS."""


def target_of(environment: Environment, variables: Mapping[str, str]) -> cdk.Environment:
    """Return where the stack is deployed; without credentials the template fits any account.

    The CDK's CLI refuses credentials of another account than the one that is named here.

    Raises: WrongTargetError.
    """
    account, region = (variables.get(f"CDK_DEFAULT_{name}") for name in ("ACCOUNT", "REGION"))
    if environment.name != LOCAL.name:
        return cdk.Environment(account=account, region=region)
    host = urlsplit(variables.get("AWS_ENDPOINT_URL", "")).hostname
    if account and (account != emulator.ACCOUNT or host not in _THIS_MACHINE):
        raise WrongTargetError(
            f"env=local is for MiniStack on this machine (make up), but these are credentials of "
            f"the account {account} with the endpoint {host or 'of AWS'}. Choose env=staging or "
            "env=production."
        )
    return cdk.Environment(account=emulator.ACCOUNT, region=emulator.REGION)
