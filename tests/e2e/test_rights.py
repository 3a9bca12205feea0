"""Functions have the rights that they use, and no others.

Given every call of AWS that the functions made while all other tests ran, when each is held against
the policies of the deployed stack and of production, then none is missing and none is unused.
MiniStack has decided every call by the functions' roles as well: what it refused has failed its
test.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from infra.environments import PRODUCTION
from infra.functions import FUNCTIONS
from infra.local.parts import ARTIFACT_BUCKET
from infra.local.system import LocalSystem
from tests.e2e.support.deployed_stack import deployed_template
from tests.infra.synthesized import synthesize
from tests.rights.recording import Call, recorded_in
from tests.rights.template import Template
from tests.rights.verdict import Verdict

pytestmark = pytest.mark.at_the_end
UNSEEN = {
    ("MlflowHook", "dynamodb:GetItem"): "When another request is written in the same moment.",
    ("Predict", "FunctionsMirror"): "It sends its request without a client of botocore.",
    ("Agree", "HuggingFaceCallingToken"): "Where no call came: tests/e2e/test_agreement.py.",
    ("Uptime", "dynamodb:PutItem"): "For a model that was woken: tests/e2e/test_same_answers.py.",
    ("Reconcile", "states:DescribeExecution"): "For a deployment in progress for over 30 s.",
    ("Reconcile", "dynamodb:Scan"): "An operator's repair, `every_record` (docs/operating.md).",
    ("Reconcile", "table/ServingState"): "For an endpoint that may sleep, with all models.",
    ("Reconcile", "/index/models"): "For an endpoint whose deployment is settled, which is rare.",
}
"""What no end-to-end test does: function, part of the sentence, and the reason to keep it."""


@pytest.fixture(scope="module")
def deployed(system: LocalSystem) -> Template:
    """The stack that runs here."""
    return deployed_template(system)


@pytest.fixture(scope="module")
def calls(deployed: Template, recorded_calls: Path) -> list[Call]:
    """What every function called of AWS."""
    return recorded_in(recorded_calls, deployed)


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """Production, with the same bucket."""
    environment = replace(PRODUCTION, artifact_bucket=ARTIFACT_BUCKET)
    return Template(synthesize(environment, tmp_path_factory.mktemp("production")).template)


@pytest.fixture(params=["deployed", "production"])
def verdict(request: pytest.FixtureRequest, calls: list[Call]) -> Verdict:
    return Verdict(request.getfixturevalue(request.param), calls)


def test_every_function_was_seen(calls: list[Call]) -> None:
    """Except the authorizer, which calls nothing of AWS."""
    everybody = {spec.name for spec in FUNCTIONS}
    assert everybody - {"Authorizer"} == {call.caller for call in calls}


def test_no_right_is_missing(verdict: Verdict) -> None:
    assert [] == verdict.missing


def test_no_right_is_unused(verdict: Verdict) -> None:
    """Except for what is listed above."""
    unused = [
        sentence
        for sentence in verdict.unused_by_functions
        if not any(sentence.startswith(name) and part in sentence for name, part in UNSEEN)
    ]
    assert [] == unused
