"""The event of a monthly budget of which a part is used."""

from collections.abc import Callable
from datetime import datetime

from functions.common.ledger.budget_use import BudgetUse
from functions.common.observability import make_logger
from functions.provision.announcements.event import Event, EventKind
from functions.provision.announcements.publisher import EventPublisher, EventsUnavailableError

logger = make_logger("reconcile")


def announce_budget(
    publisher: EventPublisher, now: Callable[[], datetime], use: BudgetUse, percent: int
) -> bool:
    """Announce that *percent* of the budget are used; False when that must be tried again."""
    summary = (
        f"{percent} % of the budget of {use.budget_usd:.2f} USD for {use.month} are used: "
        f"{use.spent_usd:.2f} USD are spent."
    )
    event = Event(
        kind=EventKind.BUDGET_REACHED,
        subject=f"{use.month}:{percent}",
        time=now(),
        summary=summary,
        facts={
            "month": use.month,
            "percent": percent,
            "spent_usd": round(use.spent_usd, 2),
            "budget_usd": use.budget_usd,
        },
    )
    try:
        publisher.publish(event)
    except EventsUnavailableError:
        logger.exception("budget.not_announced", threshold_percent=percent, month=use.month)
        return False
    return True
