"""Lambda entry of the roll-up: every night, and for a given day on demand."""

from datetime import UTC, date, timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.common.deadline import Deadline
from functions.common.deployments.record import utc_now
from functions.common.emf import Metrics
from functions.common.metric_names import USERS_DAY, USERS_MONTH, USERS_WEEK
from functions.common.observability import entry
from functions.common.usage.days import day_of
from functions.common.wide_event import recorded
from functions.usage.bootstrap import roll_up
from functions.usage.roll_up import Adoption, NoSuchDayError, logger

_SERVICE = "usage"
_YESTERDAY = timedelta(days=1)


@entry(logger)
@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Roll up the finished days that were not, or `event["day"]`, such as `2026-11-30`.

    Returns: see `RolledUp.as_json`.

    Raises: NoSuchDayError.
    """
    with recorded(_SERVICE, refusals=(NoSuchDayError,)) as wide_event:
        if "day" in event:
            done = roll_up().day(_asked_day(event["day"]))
        else:
            left_s = context.get_remaining_time_in_millis() / 1000
            done = roll_up().catch_up(Deadline.after(left_s))
        wide_event.note(days=len(done.days), calls=sum(done.days.values()))
        # A metric has the time at which it is sent.
        if done.adoption and done.adoption.day >= utc_now().astimezone(UTC).date() - _YESTERDAY:
            wide_event.count(_metrics(done.adoption))
        return done.as_json()


def _asked_day(value: object) -> date:
    try:
        return day_of(str(value))
    except ValueError:
        raise NoSuchDayError("`day` is a date such as 2026-11-30.") from None


def _metrics(adoption: Adoption) -> Metrics:
    return Metrics(
        {
            USERS_DAY: adoption.users_day,
            USERS_WEEK: adoption.users_week,
            USERS_MONTH: adoption.users_month,
        }
    )
