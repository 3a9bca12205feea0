"""`python -m bench`: its benches, and the figures that it keeps."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from bench import __main__ as bench


@pytest.mark.parametrize("name", bench.BENCHES)
def test_every_bench_is_a_module(name: str) -> None:
    """What `make bench` runs exists."""
    assert find_spec(f"bench.{name}")


@pytest.mark.parametrize("path", sorted(bench.FIGURES.glob("*.json")), ids=lambda path: path.stem)
def test_recorded_figures_name_their_bench_and_machine(path: Path) -> None:
    """Figures without a machine say nothing; a bench that is gone leaves none behind."""
    kept = json.loads(path.read_text(encoding="utf-8"))

    assert path.stem == kept["bench"]
    assert path.stem in bench.BENCHES
    assert {"cores", "cpu", "load"} == set(kept["machine"])
    assert kept["date"]
