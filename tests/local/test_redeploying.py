"""A stack whose creation failed can be created again, and what it keeps outlives it.

Deployed to MiniStack by the CDK's CLI: production's table and secrets, without the functions.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_
from botocore.exceptions import ClientError

from infra.constructs.service_secrets import ServiceSecrets
from infra.constructs.tables import DeploymentsTable
from infra.environments import PRODUCTION
from infra.failed_creation import release
from infra.function_spec import SecretName
from infra.local.deployment import aws_client
from infra.local.processes import StartError
from tests.local.cdk_deployment import deploy, running_ministack

STACK = "Data"
ITEM = {"model_id": {"S": "iris"}, "id": {"S": "live"}}


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """MiniStack's address."""
    with running_ministack(tmp_path_factory.mktemp("aws")) as url:
        yield url


def assembly(folder: Path, *, broken: bool) -> Path:
    """Synthesize the stack; a *broken* one also has the URL of an unknown function."""
    app = cdk.App(outdir=str(folder / ("broken" if broken else "sound")))
    stack = cdk.Stack(
        app,
        STACK,
        termination_protection=PRODUCTION.keep_data,
        synthesizer=cdk.BootstraplessSynthesizer(),
    )
    table = DeploymentsTable(stack, "DeployedModels", environment=PRODUCTION)
    ServiceSecrets(stack, "Secrets", environment=PRODUCTION)
    if broken:
        lambda_.CfnUrl(
            stack, "Broken", auth_type="NONE", target_function_arn="no-such-function"
        ).node.add_dependency(table)
    app.synth()
    return Path(app.outdir)


def status(cloudformation: Any) -> str:
    (stack,) = cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    return str(stack["StackStatus"])


def test_a_failed_creation_is_repeated_and_data_is_kept(aws: str, tmp_path: Path):
    """Fails, is deployed again, is deleted; the table with its item and the secrets stay."""
    cloudformation, tables = aws_client("cloudformation", aws), aws_client("dynamodb", aws)
    assert not release(cloudformation, STACK)

    with pytest.raises(StartError):
        deploy(assembly(tmp_path, broken=True), aws, tmp_path)
    assert "ROLLBACK_COMPLETE" == status(cloudformation)
    assert [] == tables.list_tables()["TableNames"]

    sound = assembly(tmp_path, broken=False)
    with pytest.raises(StartError, match="TerminationProtection"):
        deploy(sound, aws, tmp_path)
    assert release(cloudformation, STACK)
    deploy(sound, aws, tmp_path)
    assert "CREATE_COMPLETE" == status(cloudformation)
    assert not release(cloudformation, STACK)

    tables.put_item(TableName="deployed_models", Item=ITEM)
    with pytest.raises(ClientError, match="TerminationProtection"):
        cloudformation.delete_stack(StackName=STACK)
    cloudformation.update_termination_protection(StackName=STACK, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=STACK)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=STACK)
    assert [ITEM] == tables.scan(TableName="deployed_models")["Items"]
    secrets = aws_client("secretsmanager", aws).list_secrets()["SecretList"]
    assert len(get_args(SecretName.__value__)) == len(secrets)
