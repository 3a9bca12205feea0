"""Averages, and who comes first."""

from functions.common.usage.figures import NONE, Figures, busiest_first


def test_an_average_is_by_call() -> None:
    """In milliseconds; without calls there is none."""
    figures = Figures(calls=3, latency_us=10_000, provider_us=1_000)

    assert (3.3, 0.3) == (figures.average_ms, figures.average_provider_ms)
    assert (None, None) == (NONE.average_ms, NONE.average_provider_ms)


def test_the_busiest_users_come_first() -> None:
    """By the endpoints' time, then by calls, then by name."""
    users = {
        "d": Figures(calls=1),
        "c": Figures(calls=2),
        "b": Figures(calls=2),
        "a": Figures(provider_us=1),
    }

    assert ["a", "b", "c", "d"] == [name for name, _ in busiest_first(users)]
