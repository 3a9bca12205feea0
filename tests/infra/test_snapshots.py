"""Which functions start from a snapshot of their published version."""

from dataclasses import replace
from pathlib import Path

import pytest

from infra.environments import LOCAL, PRODUCTION, ConfigurationError
from infra.functions import FUNCTIONS
from infra.snapshots import AWAITED, snap_start
from tests.infra.synthesized import Synthesized, synthesize

HANDLERS = Path(__file__).parents[2] / "functions"


def with_snapshot(stack: Synthesized) -> set[str]:
    """Return the entries of the functions that have SnapStart."""
    return {
        function["Handler"]
        for function in stack.properties("AWS::Lambda::Function")
        if function.get("SnapStart") == {"ApplyOn": "PublishedVersions"}
    }


def test_functions_that_somebody_waits_for_start_from_a_snapshot(production: Synthesized):
    """And no task of the workflow, nor the reconciler."""
    assert {spec.handler for spec in AWAITED} == with_snapshot(production)


def test_lambda_can_take_their_snapshots():
    """It takes none of a function with more than 512 MB of /tmp.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
    """
    assert {512} == {spec.size.storage_mib for spec in AWAITED}


def test_every_function_with_a_snapshot_is_put_together_before_it():
    """And nothing else registers what would never run."""
    priming = {
        f"functions.{path.relative_to(HANDLERS).with_suffix('').as_posix().replace('/', '.')}"
        for path in HANDLERS.rglob("*.py")
        if "@primed" in path.read_text(encoding="utf-8")
    }

    assert {spec.handler.rpartition(".")[0] for spec in AWAITED} == priming


def test_the_local_system_has_none(local: Synthesized):
    """MiniStack would refuse the first calls after a deployment."""
    assert set() == with_snapshot(local)


def test_snapshots_can_be_switched_off(tmp_path: Path):
    """A region may lack them."""
    assert set() == with_snapshot(synthesize(replace(LOCAL, snap_start="off"), tmp_path))
    assert {None} == {snap_start(spec, replace(PRODUCTION, snap_start="off")) for spec in FUNCTIONS}


def test_another_word_is_refused():
    """It would pass for off."""
    with pytest.raises(ConfigurationError, match="on or off"):
        snap_start(AWAITED[0], replace(PRODUCTION, snap_start="true"))
