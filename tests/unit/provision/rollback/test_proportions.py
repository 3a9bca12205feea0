"""Intervals of shares and of their difference: as published, and as statsmodels has them."""

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from functions.provision.rollback.proportions import difference_interval, wilson_interval

Z_95 = NormalDist().inv_cdf(0.975)
COUNTS = st.integers(1, 5_000).flatmap(
    lambda total: st.tuples(st.integers(0, total), st.just(total))
)
Z = st.floats(0.5, 4)


def alpha(z: float) -> float:
    """Return the probability outside of *z* deviations to both sides."""
    return math.erfc(z / math.sqrt(2))


@pytest.mark.parametrize(
    ("count", "total", "expected"),
    [
        # Newcombe (1998), Two-sided confidence intervals for the single proportion, Statistics in
        # Medicine 17, 857-872, table I, method 3.
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0000, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_the_interval_of_a_share_is_the_published_one(
    count: int, total: int, expected: tuple[float, float]
) -> None:
    assert expected == pytest.approx(wilson_interval(count, total, z=Z_95), abs=5e-5)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        # Newcombe (1998), Interval estimation for the difference, table II, method 10.
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((0, 10, 0, 10), (-0.2775, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0)),
        ((10, 10, 0, 10), (0.6075, 1.0)),
    ],
)
def test_the_interval_of_a_difference_is_the_published_one(
    counts: tuple[int, int, int, int], expected: tuple[float, float]
) -> None:
    assert expected == pytest.approx(difference_interval(*counts, z=Z_95), abs=5e-5)


@given(COUNTS, Z)
def test_the_interval_of_a_share_is_that_of_statsmodels(counts: tuple[int, int], z: float) -> None:
    expected = proportion_confint(*counts, alpha=alpha(z), method="wilson")

    assert expected == pytest.approx(wilson_interval(*counts, z=z), abs=1e-9)


@given(COUNTS, COUNTS, Z)
def test_the_interval_of_a_difference_is_that_of_statsmodels(
    counts: tuple[int, int], others: tuple[int, int], z: float
) -> None:
    expected = confint_proportions_2indep(
        *counts, *others, method="newcomb", compare="diff", alpha=alpha(z)
    )

    assert expected == pytest.approx(difference_interval(*counts, *others, z=z), abs=1e-9)
