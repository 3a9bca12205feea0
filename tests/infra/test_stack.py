"""Tables, secrets, log groups, outputs and alarms: retention and protection."""

import pytest

from tests.infra.synthesized import Json, Synthesized

TABLE = "AWS::DynamoDB::GlobalTable"
SECRET = "AWS::SecretsManager::Secret"
LOGS = "AWS::Logs::LogGroup"


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
    assert replica["DeletionProtectionEnabled"]


def test_items_of_the_state_table_expire(production: Synthesized):
    """Circuit breakers and kept responses; the table has no fixed name."""
    state = named(production, None)

    assert {"AttributeName": "expiration", "Enabled": True} == state["TimeToLiveSpecification"]
    assert [{"AttributeName": "id", "KeyType": "HASH"}] == state["KeySchema"]


@pytest.mark.parametrize("type_", [TABLE, SECRET])
def test_only_production_retains_its_data(production: Synthesized, local: Synthesized, type_: str):
    """`cdk destroy` keeps production's records and secrets."""
    policies = [resource["DeletionPolicy"] for _, resource in production.all(type_)]

    assert (1 if type_ == TABLE else 3) == policies.count("Retain")
    assert {"Delete"} == {resource["DeletionPolicy"] for _, resource in local.all(type_)}


def test_every_log_group_has_a_retention(production: Synthesized):
    """Functions, workflow and access log."""
    retentions = [group.get("RetentionInDays") for group in production.properties(LOGS)]

    assert [90] * (len(production.properties("AWS::Lambda::Function")) + 2) == retentions


def test_only_the_webhooks_secret_is_generated(production: Synthesized):
    """The others contain a placeholder until an operator sets them."""
    secrets = production.template["Resources"]
    webhook, token, credentials = (
        secrets[production.output(name)["Ref"]]["Properties"]
        for name in ("WebhookSecret", "HuggingFaceTokenSecret", "MlflowCredentialsSecret")
    )

    assert webhook["GenerateSecretString"]["PasswordLength"] >= 32
    assert ["not set", "{}"] == [token["SecretString"], credentials["SecretString"]]


def test_outputs_have_their_names(production: Synthesized):
    """README and the local system read them."""
    expected = {"ApiUrl", "WebhookUrl", "TableName", "StateMachineArn", "WebhookSecret"}
    expected |= {"HuggingFaceTokenSecret", "MlflowCredentialsSecret"}

    assert expected == set(production.template["Outputs"])


def test_a_failure_raises_an_alarm(production: Synthesized):
    """Alarms on workflows, the reconciler and circuits all notify the topic."""
    alarms = production.properties("AWS::CloudWatch::Alarm")

    executions = {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}
    assert executions | {"Errors", "ReconcileFailures", "CircuitOpened"} == {
        alarm["MetricName"] for alarm in alarms
    }
    others = [alarm for alarm in alarms if alarm["MetricName"] != "CircuitOpened"]
    assert {1} == {alarm["Threshold"] for alarm in others}
    assert all(alarm["AlarmActions"] for alarm in alarms)
