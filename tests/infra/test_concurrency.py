"""Executions that are kept for a function."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.environments import LOCAL, ConfigurationError
from infra.function_size import Size
from infra.functions import PREDICT, RECONCILE
from tests.infra.synthesized import Synthesized, make_stack, synthesize

RESERVED = "ReservedConcurrentExecutions"


def test_nothing_is_reserved_by_default(production: Synthesized):
    """A new account has too few executions for any reservation."""
    functions = production.properties("AWS::Lambda::Function")

    assert not [function for function in functions if RESERVED in function]


def test_executions_are_reserved_for_the_functions_that_are_named(tmp_path: Path):
    """The others share the rest."""
    environment = replace(LOCAL, reserved_concurrency={PREDICT.name: 600, RECONCILE.name: 10})
    stack = synthesize(environment, tmp_path)

    reserved = {
        function["Handler"]: function[RESERVED]
        for function in stack.properties("AWS::Lambda::Function")
        if RESERVED in function
    }
    assert {PREDICT.handler: 600, RECONCILE.handler: 10} == reserved


@pytest.mark.parametrize(
    "setting",
    [
        {"reserved_concurrency": {"predict": 1}},
        {"sizes": {"predict": Size(memory_mib=1, timeout_s=1)}},
    ],
)
def test_a_setting_of_an_unknown_function_is_refused(setting: Any, tmp_path: Path):
    """It would be without effect; the message lists the functions."""
    with pytest.raises(ConfigurationError, match=r"no function predict; there are: .*Predict"):
        make_stack(replace(LOCAL, **setting), tmp_path)
