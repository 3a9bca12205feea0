"""The fleet of environments that `bench.scale` counts with, in small."""

from bench.scale import figures
from bench.scale_fleet import Load, ScaleFleet
from functions.common.errors import ProviderError


def every_s(seconds: float) -> Load:
    return Load(gap_s=lambda _dice: seconds, warm_up_s=10, counted_s=20)


def test_a_busy_environment_reads_little() -> None:
    """One lookup in 5 s, of two units, and a shared answer in 10 s; no read per call."""
    row = figures(ScaleFleet().run(1, every_s(0.05)))

    assert row["served"] == row["calls"] > 100
    assert row["reached"] in {row["calls"], row["calls"] + 1}
    per_call = 1e6 / row["calls"]
    assert 6 <= row["reads_per_million"] / per_call <= 12
    assert 1 <= row["writes_per_million"] / per_call <= 3


def test_an_idempotent_call_writes_twice() -> None:
    """The lease, and the answer."""
    load = Load(gap_s=lambda _dice: 0.05, warm_up_s=10, counted_s=5, keys=True)

    row = figures(ScaleFleet().run(1, load))

    assert 2_000_000 <= row["writes_per_million"] <= 2_200_000


def test_an_endpoint_that_is_down_is_hardly_called() -> None:
    """By calls that were on their way, by five that fail, and by a probe every six seconds."""
    fleet = ScaleFleet(lambda since_s: ProviderError("500") if since_s >= 0 else None)

    counted = fleet.run(10, Load(gap_s=lambda _dice: 0.5, warm_up_s=10, counted_s=60))

    assert counted.calls > 1_000
    assert counted.reached <= 30


def test_the_same_run_gives_the_same_figures() -> None:
    """Virtual time and seeded dice: nothing depends on the machine."""
    load = Load(gap_s=lambda dice: dice.random(), warm_up_s=1, counted_s=5)

    first, second = (figures(ScaleFleet().run(5, load)) for _ in range(2))

    assert first == second
