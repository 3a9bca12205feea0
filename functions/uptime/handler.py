"""Lambda entry of the uptime checks, which a schedule calls every five minutes."""

from typing import Any

from functions.common.failures import PublicError
from functions.common.observability import entry
from functions.common.secrets import SecretNotSetError
from functions.uptime.bootstrap import uptime_function
from functions.uptime.report import UptimeReport
from functions.uptime.run import logger


class UptimeKeyRefusedError(PublicError):
    """The API refuses the key of the checks, so that nothing is known of any model."""


@entry(logger)
@logger.inject_lambda_context(clear_state=True)
def lambda_handler(_event: object, _context: object) -> dict[str, Any]:
    """Check every model that is not at rest; two runs at once do no harm.

    Returns: see `UptimeReport.as_json`.

    Raises: UptimeKeyRefusedError.
    """
    function = uptime_function()
    try:
        key = function.key()
    except SecretNotSetError as error:
        logger.info("uptime.waiting", secret=error.name)
        return UptimeReport(waiting_for=error.name).as_json()
    report = function.run.run(key)
    logger.info("uptime.finished", extra=report.as_json())
    if report.key_refused:
        logger.error("uptime.key_refused", code=report.key_refused)
        raise UptimeKeyRefusedError(f"The API refuses the key of the checks: {report.key_refused}.")
    return report.as_json()
