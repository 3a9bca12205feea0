"""What is kept, for how long, and how it is protected."""

import pytest

from tests.infra.synthesized import Json, Synthesized

TABLE = "AWS::DynamoDB::GlobalTable"
SECRET = "AWS::SecretsManager::Secret"
LOGS = "AWS::Logs::LogGroup"


def named(stack: Synthesized, name: str | None) -> Json:
    """Properties of the table *name*; None: the one that CloudFormation names."""
    (found,) = (table for table in stack.properties(TABLE) if table.get("TableName") == name)
    return found


def test_table_has_the_name_and_the_keys_that_others_know(production: Synthesized):
    """The table is `deployed_models`, by model and then by deployment."""
    table = named(production, "deployed_models")

    keys = {key["KeyType"]: key["AttributeName"] for key in table["KeySchema"]}
    assert {"HASH": "model_id", "RANGE": "id"} == keys


def test_table_is_on_demand_encrypted_and_recoverable(production: Synthesized):
    """No capacity to plan, nothing in the clear, every second of 35 days to go back to."""
    table = named(production, "deployed_models")
    (replica,) = table["Replicas"]

    assert "PAY_PER_REQUEST" == table["BillingMode"]
    assert table["SSESpecification"]["SSEEnabled"]
    assert replica["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]
    assert replica["DeletionProtectionEnabled"]


def test_what_environments_share_goes_by_itself(production: Synthesized):
    """Breakers, kept answers and the like have an expiry, and no name that others know."""
    state = named(production, None)

    assert {"AttributeName": "expiration", "Enabled": True} == state["TimeToLiveSpecification"]
    assert [{"AttributeName": "id", "KeyType": "HASH"}] == state["KeySchema"]


@pytest.mark.parametrize("type_", [TABLE, SECRET])
def test_data_outlives_a_production_stack_only(
    production: Synthesized, local: Synthesized, type_: str
):
    """`cdk destroy` leaves production's records and secrets, and nothing of the local system."""
    policies = [resource["DeletionPolicy"] for _, resource in production.all(type_)]

    assert (1 if type_ == TABLE else 3) == policies.count("Retain")
    assert {"Delete"} == {resource["DeletionPolicy"] for _, resource in local.all(type_)}


def test_every_log_group_forgets(production: Synthesized):
    """No log is kept for ever: functions, workflow and access log each have a retention."""
    retentions = [group.get("RetentionInDays") for group in production.properties(LOGS)]

    assert [90] * (len(production.properties("AWS::Lambda::Function")) + 2) == retentions


def test_only_the_webhooks_secret_is_generated(production: Synthesized):
    """The webhook's secret is random; the others come from outside and hold a placeholder."""
    secrets = production.template["Resources"]
    webhook, token, credentials = (
        secrets[production.output(name)["Ref"]]["Properties"]
        for name in ("WebhookSecret", "HuggingFaceTokenSecret", "MlflowCredentialsSecret")
    )

    assert webhook["GenerateSecretString"]["PasswordLength"] >= 32
    assert ["not set", "{}"] == [token["SecretString"], credentials["SecretString"]]


def test_outputs_are_what_the_readme_and_the_launcher_read(production: Synthesized):
    """The names of the outputs are a contract."""
    expected = {"ApiUrl", "WebhookUrl", "TableName", "StateMachineArn", "WebhookSecret"}
    expected |= {"HuggingFaceTokenSecret", "MlflowCredentialsSecret"}

    assert expected == set(production.template["Outputs"])


def test_a_failure_raises_an_alarm(production: Synthesized):
    """A workflow failed, timed out or aborted, a reconciler that broke, circuits that keep opening:
    each reaches the topic."""
    alarms = production.properties("AWS::CloudWatch::Alarm")

    executions = {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}
    assert executions | {"Errors", "ReconcileFailures", "CircuitOpened"} == {
        alarm["MetricName"] for alarm in alarms
    }
    others = [alarm for alarm in alarms if alarm["MetricName"] != "CircuitOpened"]
    assert {1} == {alarm["Threshold"] for alarm in others}
    assert all(alarm["AlarmActions"] for alarm in alarms)
