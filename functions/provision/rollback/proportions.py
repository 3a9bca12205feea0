"""Confidence intervals of shares: Wilson's of one, Newcombe's of the difference of two. Pure.

A version has few calls in its first minutes. An estimate by itself, or the interval of the normal
distribution around it, would be sure of far too much there.
"""

import math


def wilson_interval(count: int, total: int, *, z: float) -> tuple[float, float]:
    """Return the bounds of the share of which *count* of *total*, at least 1, were seen, at *z*
    standard deviations.

    Source: Wilson, E. B. (1927), Probable inference, the law of succession, and statistical
    inference, Journal of the American Statistical Association 22, 209-212.
    """
    share, z2 = count / total, z * z
    middle = share + z2 / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    scale = 1 + z2 / total
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def difference_interval(
    count: int, total: int, other_count: int, other_total: int, *, z: float
) -> tuple[float, float]:
    """Return the bounds of the first share less the other one, at *z* standard deviations.

    Source: Newcombe, R. G. (1998), Interval estimation for the difference between independent
    proportions: comparison of eleven methods, Statistics in Medicine 17, 873-890, method 10.
    """
    share, other = count / total, other_count / other_total
    low, high = wilson_interval(count, total, z=z)
    other_low, other_high = wilson_interval(other_count, other_total, z=z)
    difference = share - other
    return (
        difference - math.hypot(share - low, other_high - other),
        difference + math.hypot(high - share, other - other_low),
    )
