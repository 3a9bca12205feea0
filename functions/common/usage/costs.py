"""What a model's calls cost in a month, by user, and what the time without calls costs. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from functions.common.usage.figures import NONE, Figures, ModelDay, busiest_first

_US_PER_HOUR = 3_600_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSum:
    """Calls of several days.

    Attributes:
        users: The busiest first.
        others: Of all further users.
    """

    users: Mapping[str, Figures] = field(default_factory=dict)
    others: Figures = NONE

    @property
    def total(self) -> Figures:
        """Figures of all users."""
        return sum(self.users.values(), self.others)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostShares:
    """Dollars of a month: `busy_usd` and `idle_usd` are all of it.

    Attributes:
        busy_usd: Of the time in which endpoints worked on calls.
        users: The users' parts of it, the greatest first.
        others_usd: The part of all further users.
    """

    busy_usd: float
    idle_usd: float
    users: Mapping[str, float]
    others_usd: float


def summed(days: Iterable[ModelDay], *, most_users: int) -> UsageSum:
    """Add up *days*; users beyond the *most_users* busiest ones are counted among the others."""
    users: dict[str, Figures] = {}
    others = NONE
    for day in days:
        others += day.others
        for user, figures in day.users.items():
            users[user] = users.get(user, NONE) + figures
    ranked = busiest_first(users)
    rest = sum((figures for _, figures in ranked[most_users:]), others)
    return UsageSum(users=dict(ranked[:most_users]), others=rest)


def cost_shares(usage: UsageSum, *, usd: float, usd_per_hour: float) -> CostShares:
    """Split *usd*, a month's dollars, by the time for which calls kept endpoints busy.

    *usd_per_hour*: Price of one replica. A call keeps one replica busy while its answer is waited
    for. Calls that were worked on side by side share a replica, so the busy part is at most all.
    """
    busy_us = usage.total.provider_us
    busy = min(usd, busy_us / _US_PER_HOUR * usd_per_hour)
    rate = busy / busy_us if busy_us else 0.0
    return CostShares(
        busy_usd=busy,
        idle_usd=usd - busy,
        users={user: each.provider_us * rate for user, each in usage.users.items()},
        others_usd=usage.others.provider_us * rate,
    )


def usd_per_thousand(usd: float, predictions: int) -> float | None:
    """Return the dollars of 1,000 predictions when all cost *usd*; None without any."""
    return usd / predictions * 1000 if predictions else None
