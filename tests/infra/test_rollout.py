"""The gradual rollout of predict, and the alarm that rolls it back."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from functions.common.metric_names import INTERNAL_ERRORS, NAMESPACE
from infra.context import environment_from_context
from infra.environments import PRODUCTION, ConfigurationError
from infra.functions import PREDICT
from infra.rollouts import ALL_AT_ONCE, ROLLOUTS
from tests.infra.synthesized import Json, Synthesized, metrics_of, synthesize
from tests.infra.test_versions import ALIAS, versions_of

GROUP = "AWS::CodeDeploy::DeploymentGroup"


def group_of(stack: Synthesized) -> tuple[str, Json]:
    """Return logical id and properties of CodeDeploy's group."""
    ((id_, group),) = stack.all(GROUP)
    return id_, group["Properties"]


def alarm_of(stack: Synthesized) -> Json:
    """Return the alarm that CodeDeploy looks at."""
    _, group = group_of(stack)
    (alarm,) = group["AlarmConfiguration"]["Alarms"]
    found: Json = stack.template["Resources"][alarm["Name"]["Ref"]]["Properties"]
    return found


def alias_of_predict(stack: Synthesized) -> Json:
    (alias,) = (a for id_, a in stack.all(ALIAS) if stack.handler_of(id_) == PREDICT.handler)
    return alias


def test_callers_of_predict_get_to_a_new_version_step_by_step(production: Synthesized):
    """A tenth of them for five minutes; every other function changes at once."""
    id_, group = group_of(production)
    moved = [alias for _, alias in production.all(ALIAS) if "UpdatePolicy" in alias]

    assert "CodeDeployDefault.LambdaCanary10Percent5Minutes" == group["DeploymentConfigName"]
    assert [alias_of_predict(production)] == moved
    (policy,) = moved[0]["UpdatePolicy"].values()
    assert {"Ref": id_} == policy["DeploymentGroupName"]


def test_the_alarm_is_there_before_the_alias_moves(production: Synthesized):
    """The alias waits for the group, the group for its alarm, the alarm for the version."""
    id_, _ = group_of(production)
    version = {"Fn::GetAtt": [versions_of(production)[PREDICT.handler], "Version"]}

    assert id_ in alias_of_predict(production)["DependsOn"]
    assert json.dumps(version) in json.dumps(alarm_of(production))


def test_the_alarm_rolls_back(production: Synthesized):
    """As does a deployment that fails otherwise."""
    _, group = group_of(production)

    rollback = group["AutoRollbackConfiguration"]
    assert rollback["Enabled"]
    assert {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"} == set(rollback["Events"])
    assert group["AlarmConfiguration"]["Enabled"]


def test_the_alarm_is_about_the_new_versions_own_errors(production: Synthesized):
    """Not about the old version's, which a deployment may be there to mend, nor about a model's."""
    found = {
        (metric["Namespace"], metric["MetricName"]): {
            dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]
        }
        for metric in metrics_of(alarm_of(production))
    }
    version = {"Fn::GetAtt": [versions_of(production)[PREDICT.handler], "Version"]}

    by_lambda = {("AWS/Lambda", "Errors"), ("AWS/Lambda", "Invocations")}
    assert by_lambda | {(NAMESPACE, INTERNAL_ERRORS)} == found.keys()
    ours = found.pop((NAMESPACE, INTERNAL_ERRORS))
    assert {"environment": "production", "service": "predict", "function_version": version} == ours
    for dimensions in found.values():
        assert version == dimensions["ExecutedVersion"]
        assert ":live" == dimensions["Resource"]["Fn::Join"][1][-1]
        assert dimensions["FunctionName"] == dimensions["Resource"]["Fn::Join"][1][0]


def test_the_alarm_is_raised_within_the_first_step(production: Synthesized):
    """By one minute with a bad call in a hundred, or one of fewer; none is no bad sign."""
    alarm = alarm_of(production)
    (expression,) = (query for query in alarm["Metrics"] if "Expression" in query)

    assert "100 * (broken + FILL(internal, 0)) / calls" == expression["Expression"]
    assert {60} == {q["MetricStat"]["Period"] for q in alarm["Metrics"] if "MetricStat" in q}
    assert (1, 1) == (alarm["EvaluationPeriods"], alarm["Threshold"])
    assert "notBreaching" == alarm["TreatMissingData"]


def test_without_steps_there_is_no_codedeploy(local: Synthesized, tmp_path: Path):
    """MiniStack has none; elsewhere a setting turns it off."""
    at_once = synthesize(replace(PRODUCTION, predict_rollout=ALL_AT_ONCE), tmp_path)

    for stack in (local, at_once):
        assert [] == stack.properties(GROUP)
        assert not [alias for _, alias in stack.all(ALIAS) if "UpdatePolicy" in alias]


@pytest.mark.parametrize("rollout", ROLLOUTS)
def test_the_setting_takes_every_rollout_of_codedeploy(rollout: str):
    """Also on the command line."""
    assert rollout == environment_from_context({"predict_rollout": rollout}.get).predict_rollout


def test_an_unknown_rollout_is_refused():
    """The message lists those there are."""
    with pytest.raises(ConfigurationError, match=r"is 'Slowly'; there are: AllAtOnce, "):
        environment_from_context({"predict_rollout": "Slowly"}.get)
