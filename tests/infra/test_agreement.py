"""The comparison of new versions: its settings, and the function that compares."""

from dataclasses import replace
from pathlib import Path

import pytest

from functions.mirror.settings import MirrorSettings
from functions.provision.settings import ProvisionSettings
from infra.context import environment_from_context
from infra.environments import LOCAL, ConfigurationError
from infra.functions import FUNCTIONS, MIRROR, PREDICT
from infra.workflow_tasks import TASKS
from tests.infra.schedules import asynchronous_calls_of
from tests.infra.synthesized import Synthesized, synthesize

RESERVED = "ReservedConcurrentExecutions"


def test_a_copied_call_rests_nowhere(production: Synthesized):
    """Lambda drops it after a minute, tries it once, and sends a failed one to nobody."""
    policy = asynchronous_calls_of(production, MIRROR)

    assert (0, 60) == (policy["MaximumRetryAttempts"], policy["MaximumEventAgeInSeconds"])
    assert not policy.get("DestinationConfig")
    assert "DeadLetterConfig" not in production.function(MIRROR.handler)


def test_only_predict_may_call_it(production: Synthesized):
    """By the alias that it has in its variables."""
    named = production.variables(PREDICT.handler)["MIRROR_FUNCTION"]
    allowed = {
        spec.name
        for spec in FUNCTIONS
        for statement in production.statements(spec.handler)
        if "lambda:InvokeFunction" in str(statement["Action"]) and named in statement["Resource"]
    }

    assert {PREDICT.name} == allowed


@pytest.mark.parametrize(
    ("agreement", "named", "reserved"),
    [("off", {}, None), ("report", {}, 5), ("hold", {}, 5), ("hold", {"Mirror": 20}, 20)],
)
def test_executions_are_kept_where_versions_are_compared(
    agreement: str, named: dict[str, int], reserved: int | None, tmp_path: Path
):
    """A slow candidate cannot use up everybody's."""
    environment = replace(LOCAL, agreement=agreement, reserved_concurrency=named)

    stack = synthesize(environment, tmp_path)

    assert reserved == stack.function(MIRROR.handler).get(RESERVED)
    assert agreement == stack.variables(TASKS["validate"].handler)["AGREEMENT"]


def test_the_settings_of_an_environment_are_those_of_the_functions(production: Synthesized):
    """The defaults are the same, in both tables."""
    defaults = ProvisionSettings(table_name="t", installation="i")
    given = production.variables(TASKS["agree"].handler)

    for name in TASKS["agree"].variables:
        if name.startswith("AGREEMENT_"):
            assert str(given[name]) == f"{getattr(defaults, name.lower()):g}"
    assert MirrorSettings(table_name="t", state_table_name="s").agreement_tolerance == float(
        production.variables(MIRROR.handler)["AGREEMENT_TOLERANCE"]
    )


def test_a_word_that_is_no_mode_is_refused():
    """The message names those there are."""
    with pytest.raises(ConfigurationError, match="off, report, hold"):
        environment_from_context({"agreement": "yes"}.get)
