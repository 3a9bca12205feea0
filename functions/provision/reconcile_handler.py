"""Lambda entry of the reconciler: on a schedule, after changes in the registry, and on demand."""

from typing import Any

from functions.common.deployments.record import utc_now
from functions.common.emf import Metrics
from functions.common.metric_names import CREDITS_EXHAUSTED
from functions.common.observability import entry
from functions.common.providers.base import ProviderRefusedError
from functions.common.secrets import SecretNotSetError
from functions.common.wide_event import WideEvent, recorded
from functions.provision.bootstrap import reconciler, take_down, webhook_keeper
from functions.provision.reconciliation.reconciler import logger
from functions.provision.reconciliation.report import Report
from functions.provision.reconciliation.report_metrics import (
    SERVICE,
    metrics_of,
    print_further_metrics,
)


@entry(logger)
@logger.inject_lambda_context(clear_state=True)
def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Reconcile `event["model_id"]`, or everything; with `event["dry_run"]` only say what is wrong.

    `event["delete_orphans"]` and `event["every_record"]`: see `Reconciler.run`.

    `event["take_down"]` undeploys everything instead.

    Returns: see `Report.as_json` and `TakeDown.run`.
    """
    with recorded(SERVICE) as wide_event:
        if event.get("take_down"):
            return take_down().run()
        return _reconciled(event, wide_event)


def _reconciled(event: dict[str, Any], wide_event: WideEvent) -> dict[str, Any]:
    model_id, dry_run = event.get("model_id"), bool(event.get("dry_run"))
    try:
        report = reconciler().run(
            model_id=model_id,
            dry_run=dry_run,
            delete_orphans=bool(event.get("delete_orphans")),
            every_record=bool(event.get("every_record")),
        )
    except ProviderRefusedError as refused:
        if model_id is None and not dry_run and refused.out_of_credits:
            wide_event.count(Metrics({CREDITS_EXHAUSTED: 1}))
        raise
    except SecretNotSetError as error:
        logger.info("reconcile.waiting", secret=error.name)
        return Report(dry_run, waiting_for=error.name).as_json()
    if model_id is None:
        # After the models, which its trouble must not delay.
        report.webhook = webhook_keeper().keep(dry_run=dry_run)
    wide_event.note(message="reconcile.finished", changes=len(report.changes))
    wide_event.note(failed=report.failed, dry_run=dry_run)
    if report.unreadable:
        logger.error("reconcile.unreadable", records=report.unreadable)
    if not dry_run:
        wide_event.count(metrics_of(report))
        print_further_metrics(report, now=utc_now())
    return report.as_json()
