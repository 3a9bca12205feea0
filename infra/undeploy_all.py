"""`python -m infra.undeploy_all production` undeploys everything before `cdk destroy`.

The stack's deletion deletes no endpoint at Hugging Face, and they cost money.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from functions.common.failures import described
from infra.command_line import describe_failures
from infra.environments import ConfigurationError
from infra.installation import (
    Installation,
    InstallationNotFoundError,
    ReconcilerBrokenError,
    find,
)
from infra.local.parts import ROOT

_INTAKE = ("MlflowHookFunction", "OperateFunction")
"""Outputs that name the functions by which somebody can ask for a deployment."""
_RECONCILER = "ReconcileFunction"
SETTLE_S = 30
"""Seconds after which no call that had begun before the intake was closed still runs."""
_POLL_S = 5
_FAILURES = 5
"""In a row; whatever is not done then needs a person."""

type Say = Callable[[str], Any]


class NotConfirmedError(Exception):
    """Nobody has confirmed that everything may be undeployed."""


def undeploy_all(
    installation: Installation, say: Say, *, settle_s: float = SETTLE_S, poll_s: float = _POLL_S
) -> bool:
    """Take everything down; return whether nothing is left. It can be repeated."""
    close_intake(installation, say)
    closed, failures = time.monotonic(), 0
    while failures < _FAILURES:
        report = _run(installation)
        _show(report, say)
        if report.get("done") and time.monotonic() - closed >= settle_s:
            # Lambda may still have calls of the schedule to repeat, which would deploy again.
            _close(installation, _RECONCILER)
            return _is_webhook_gone(report, say)
        failures = failures + 1 if report.get("error") or report.get("failed") else 0
        time.sleep(poll_s)
    say("It goes on failing: see the log of the function Reconcile, then run this again.")
    return False


def close_intake(installation: Installation, say: Say) -> None:
    """Disable the schedule, and let nobody ask for a deployment any more.

    A reserved concurrency of 0 throttles every call; MLflow gets 429 or 5xx.
    Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
    """
    installation.client("events").disable_rule(Name=installation.outputs["ReconciliationRule"])
    for output in _INTAKE:
        _close(installation, output)
    # An earlier run of this command has closed it.
    installation.client("lambda").delete_function_concurrency(
        FunctionName=installation.outputs[_RECONCILER]
    )
    say("The schedule is disabled; webhook and operators' routes are closed.")


def _close(installation: Installation, output: str) -> None:
    installation.client("lambda").put_function_concurrency(
        FunctionName=installation.outputs[output], ReservedConcurrentExecutions=0
    )


def _run(installation: Installation) -> dict[str, Any]:
    """Return one report of `TakeDown.run`, or `{"error": …}`, after which it can go on."""
    try:
        return installation.reconcile({"take_down": True})
    except (BotoCoreError, ClientError, ReconcilerBrokenError) as error:
        return {"error": described(error)}


def _show(report: dict[str, Any], say: Say) -> None:
    if error := report.get("error"):
        say(f"  failed, and is tried again: {error}")
        return
    for change in report["changes"]:
        say(f"  {change['model_id'] or 'installation'}: {change['detail']}")
    left = report["left"]
    say(
        f"  left: {left['serving']} models that serve, {left['in_progress']} deployments in "
        f"progress, {left['endpoints']} endpoints"
    )


def _is_webhook_gone(report: dict[str, Any], say: Say) -> bool:
    webhook = report["webhook"]
    if webhook["state"] in {"removed", "absent", "unsupported"}:
        say("Nothing is left at Hugging Face, and MLflow has no webhook of this installation.")
        return True
    say(f"Nothing is left at Hugging Face. Remove MLflow's webhook by hand: {webhook['detail']}")
    return bool(webhook["state"] == "unmanaged")


def confirm(name: str, *, ask: Callable[[str], str] | None, confirmed: str) -> None:
    """Have a person type the environment's *name*; without a terminal *confirmed* must be it.

    Raises: NotConfirmedError.
    """
    if confirmed == name:
        return
    if ask is None:
        raise NotConfirmedError(f"Without a terminal, set CONFIRM={name} to undeploy everything.")
    question = f"Every model of {name} stops serving and is undeployed. Type {name} to go on: "
    if ask(question).strip() != name:
        raise NotConfirmedError("Nothing was changed.")


def main(arguments: list[str] | None = None) -> int:
    """Return 0 when nothing is left."""
    describe_failures()
    parser = argparse.ArgumentParser(prog="python -m infra.undeploy_all", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("--state", type=Path, default=ROOT / ".local", help="of the local system")
    options = parser.parse_args(arguments)
    try:
        installation = find(options.environment, local_state=options.state)
        ask = input if sys.stdin.isatty() else None
        confirm(installation.name, ask=ask, confirmed=os.environ.get("CONFIRM", ""))
    except (ConfigurationError, InstallationNotFoundError, NotConfirmedError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0 if undeploy_all(installation, lambda line: sys.stdout.write(f"{line}\n")) else 1


if __name__ == "__main__":
    sys.exit(main())
