"""Our input check agrees with MLflow's, except for the differences that the documentation lists."""

import json
import re
from pathlib import Path
from random import Random

import pytest

from tests.differential.comparison import Comparison, compare
from tests.differential.differences import PASSED_ON, REFUSED
from tests.differential.endpoint import Endpoint
from tests.differential.examples import EXAMPLES
from tests.differential.signatures import by_hand, made_up

SEED = 20261122
MADE_UP = 40
BODIES_EACH = 50
PAGE = (Path(__file__).parents[2] / "docs" / "input-validation.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Endpoint:
    return Endpoint(tmp_path_factory.mktemp("endpoint"))


@pytest.fixture(scope="module")
def comparison(endpoint: Endpoint) -> Comparison:
    random = Random(SEED)  # noqa: S311 - the same bodies in every run
    signatures = [*by_hand(), *made_up(MADE_UP, random)]
    return compare(endpoint, signatures, bodies_each=BODIES_EACH, random=random)


def test_enough_bodies_are_compared() -> None:
    """At least a hundred signatures with fifty bodies each."""
    assert len(by_hand()) + MADE_UP >= 150
    assert BODIES_EACH >= 50


def test_every_difference_is_of_a_known_kind(comparison: Comparison) -> None:
    """A failure shows the signature and body of each unknown difference."""
    assert [] == comparison.unexplained


def test_most_verdicts_are_the_same(comparison: Comparison) -> None:
    """Apart from lossy conversions, differences concern corner cases."""
    lossy = comparison.differences["values of another type"]
    refused = sum(comparison.differences[kind] for kind in REFUSED)

    assert comparison.agreed.total() > 0.8 * comparison.count
    assert refused - lossy < 0.06 * comparison.count
    assert min(comparison.agreed.values()) > 0.24 * comparison.count


@pytest.mark.parametrize("kind", [*PASSED_ON, *REFUSED])
def test_every_kind_of_difference_occurs(endpoint: Endpoint, kind: str) -> None:
    """No kind is kept without an example."""
    signature, body = EXAMPLES[kind]
    comparison = Comparison()

    comparison.add(endpoint, signature, [json.dumps(body).encode()])

    assert {kind: 1} == comparison.differences, comparison


@pytest.mark.parametrize(
    ("title", "kinds"),
    [
        ("What is passed on although MLflow refuses it", PASSED_ON),
        ("What is refused although MLflow takes it", REFUSED),
    ],
)
def test_the_page_lists_every_kind(title: str, kinds: dict[str, object]) -> None:
    """docs/input-validation.md lists each kind in one table, and no other."""
    section = PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]

    listed = re.findall(r"^\| ([^|]+?) \|", section, flags=re.MULTILINE)

    assert list(kinds) == [each for each in listed if each not in {"kind", "---"}]
