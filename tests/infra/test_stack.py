"""Tables, secrets, log groups, outputs and alarms: retention and protection."""

import json
from pathlib import Path

import pytest

from infra.config import Environment
from infra.environments import LOCAL, PRODUCTION
from tests.infra.synthesized import Json, Synthesized, make_stack

TABLE = "AWS::DynamoDB::GlobalTable"
SECRET = "AWS::SecretsManager::Secret"
LOGS = "AWS::Logs::LogGroup"
NAMES = {"FunctionName", "LogGroupName", "Name", "RoleName", "StateMachineName", "TableName"}
"""Properties by which a template chooses a physical name."""


def is_kept(resource: Json) -> bool:
    """Return whether the resource outlives its stack, but not a creation that failed."""
    return bool(resource["DeletionPolicy"] == "RetainExceptOnCreate")


def named(stack: Synthesized, name: str | None) -> Json:
    """Return the properties of the table *name*; None: the one without a name."""
    (found,) = (table for table in stack.properties(TABLE) if table.get("TableName") == name)
    return found


def test_the_table_has_its_public_name_and_keys(production: Synthesized):
    """`deployed_models`, by model and deployment."""
    table = named(production, "deployed_models")

    keys = {key["KeyType"]: key["AttributeName"] for key in table["KeySchema"]}
    assert {"HASH": "model_id", "RANGE": "id"} == keys


def test_table_is_on_demand_encrypted_and_recoverable(production: Synthesized):
    """Point-in-time recovery covers 35 days."""
    table = named(production, "deployed_models")
    (replica,) = table["Replicas"]

    assert "PAY_PER_REQUEST" == table["BillingMode"]
    assert table["SSESpecification"]["SSEEnabled"]
    assert replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]


def test_items_of_the_state_table_expire(production: Synthesized):
    """Circuit breakers and kept responses; the table has no fixed name."""
    state = named(production, None)

    assert {"AttributeName": "expiration", "Enabled": True} == state["TimeToLiveSpecification"]
    assert [{"AttributeName": "id", "KeyType": "HASH"}] == state["KeySchema"]


@pytest.mark.parametrize("type_", [TABLE, SECRET])
def test_only_production_retains_its_data(production: Synthesized, local: Synthesized, type_: str):
    """`cdk destroy` keeps production's records and secrets."""
    kept = [resource for _, resource in production.all(type_) if is_kept(resource)]

    assert (1 if type_ == TABLE else 5) == len(kept)
    assert {"Retain"} == {resource["UpdateReplacePolicy"] for resource in kept}
    assert {"Delete"} == {resource["DeletionPolicy"] for _, resource in local.all(type_)}


def test_a_failed_creation_leaves_nothing_in_the_way_of_the_next(production: Synthesized):
    """A name that we chose is free again, and nothing refuses its deletion.

    `Retain` keeps what was just created as well; `RetainExceptOnCreate` does not.
    Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html,
    https://github.com/aws/aws-cdk/issues/11208
    """
    for id_, resource in production.template["Resources"].items():
        properties = resource.get("Properties", {})
        named = [name for name in properties if name in NAMES]
        assert not named or resource.get("DeletionPolicy") != "Retain", id_
        assert 'DeletionProtectionEnabled": true' not in json.dumps(properties), id_


def test_a_kept_table_can_be_taken_back(production: Synthesized):
    """`cdk deploy --import-existing-resources` finds a resource by a name written in the template.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html
    """
    kept = [resource for _, resource in production.all(TABLE) if is_kept(resource)]

    assert ["deployed_models"] == [resource["Properties"]["TableName"] for resource in kept]


def test_the_role_that_api_gateway_logs_with_outlives_the_stack(production: Synthesized):
    """An account has one such role per region, which other stacks may use by then."""
    (account,) = (resource for _, resource in production.all("AWS::ApiGateway::Account"))
    role = account["Properties"]["CloudWatchRoleArn"]["Fn::GetAtt"][0]

    assert "Retain" == account["DeletionPolicy"]
    assert "Retain" == production.template["Resources"][role]["DeletionPolicy"]


def test_every_log_group_has_a_retention(production: Synthesized):
    """Functions, workflow and access log."""
    retentions = [group.get("RetentionInDays") for group in production.properties(LOGS)]

    assert [90] * (len(production.properties("AWS::Lambda::Function")) + 2) == retentions


def test_only_the_webhooks_secret_is_generated(production: Synthesized):
    """The others contain a placeholder until an operator sets them."""
    secrets = production.template["Resources"]
    webhook, *others = (
        secrets[production.output(name)["Fn::GetAtt"][0]]["Properties"]
        for name in (
            "WebhookSecret",
            "HuggingFaceTokenSecret",
            "HuggingFaceCallingTokenSecret",
            "MlflowCredentialsSecret",
        )
    )

    assert webhook["GenerateSecretString"]["PasswordLength"] >= 32
    assert ["not set"] * 3 == [secret["SecretString"] for secret in others]


def test_outputs_have_their_names(production: Synthesized):
    """README and the local system read them."""
    expected = {"ApiUrl", "WebhookUrl", "TableName", "StateMachineArn", "WebhookSecret"}
    expected |= {"HuggingFaceCallingTokenSecret"}
    expected |= {"ReconcileFunction", "HuggingFaceTokenSecret", "MlflowCredentialsSecret"}
    expected |= {"AuthorizerFunction", "MlflowHookFunction", "OperateFunction"}
    expected |= {"UptimeApiKeySecret", "UptimeFunction"}
    expected |= {"UsageFunction"}
    expected |= {"AlarmTopic", "EventBus", "EventTopic", "ReconciliationRule"}

    assert expected == set(production.template["Outputs"])


@pytest.mark.parametrize(("environment", "protected"), [(PRODUCTION, True), (LOCAL, False)])
def test_only_a_stack_with_lasting_data_is_protected(
    environment: Environment, protected: bool, tmp_path: Path
):
    """From `cdk destroy` and a deletion in the console."""
    assert protected == bool(make_stack(environment, tmp_path).termination_protection)
