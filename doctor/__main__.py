"""`python -m doctor production` looks at the installation with the credentials of who runs it."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from doctor.aws import check_alarms, check_bucket, check_schedule, check_secrets, check_stack
from doctor.findings import Check, Finding, Level, found_by, wrong
from doctor.huggingface import check_huggingface
from doctor.live_installation import LiveInstallation
from doctor.mlflow import check_mlflow
from doctor.service import check_api, check_auth_service, check_reconciler
from infra.command_line import describe_failures
from infra.environments import ConfigurationError
from infra.installation import InstallationNotFoundError, find
from infra.local.parts import ROOT

CHECKS: dict[str, Check] = {
    "stack": check_stack,
    "secrets": check_secrets,
    "API": check_api,
    "auth service": check_auth_service,
    "Hugging Face": check_huggingface,
    "MLflow": check_mlflow,
    "artifact bucket": check_bucket,
    "alarms": check_alarms,
    "schedule": check_schedule,
    "reconciler": check_reconciler,
}
"""By what each is about, in the order in which they are made and printed."""


def examine(live: LiveInstallation) -> Iterator[Finding]:
    """Yield the findings of every check."""
    for subject, check in CHECKS.items():
        yield from found_by(check, subject, live)


def main(arguments: list[str] | None = None) -> int:
    """Print every finding; return 1 when something is wrong."""
    describe_failures()
    parser = argparse.ArgumentParser(prog="python -m doctor", description=__doc__)
    parser.add_argument("environment")
    parser.add_argument("--state", type=Path, default=ROOT / ".local", help="of the local system")
    options = parser.parse_args(arguments)
    try:
        live = LiveInstallation(find(options.environment, local_state=options.state))
    except (ConfigurationError, InstallationNotFoundError) as error:
        print(wrong("stack", str(error)))
        return 1
    bad = 0
    for finding in examine(live):
        print(finding, flush=True)
        bad += finding.level is Level.WRONG
    print(f"\n{bad} wrong." if bad else "\nNothing is wrong.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
