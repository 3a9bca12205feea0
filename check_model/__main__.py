"""`python -m check_model models:/iris/3` says whether the service would take the model.

The address is one of MLflow's (`runs:/…/model`, `models:/name/version`, `models:/m-…`), read with
the caller's own settings of MLflow, or a folder that holds an `MLmodel`. Nothing is registered.
"""

import argparse
import logging
import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

from check_model.fetching import UnreachableModelError, fetched
from check_model.findings import Checked, check_folder, provider_without_secrets
from functions.common.packages.model_packages import PackageIndexUnavailableError
from functions.common.providers.provider import Provider
from infra.command_line import describe_failures


def main(arguments: list[str] | None = None, *, provider: Provider | None = None) -> int:
    """Print every reason; return 0 when there is none, 1 when there is, 2 when nobody can say."""
    describe_failures()
    parser = argparse.ArgumentParser(prog="python -m check_model", description=__doc__)
    parser.add_argument("uri", help="an address of MLflow's, or a folder")
    uri = parser.parse_args(arguments).uri
    with tempfile.TemporaryDirectory() as temporary:
        try:
            model = fetched(uri, to=Path(temporary))
            checked = check_folder(
                model.folder,
                tags=model.tags,
                provider=provider or provider_without_secrets(),
                live=model.live,
            )
        except (UnreachableModelError, PackageIndexUnavailableError) as error:
            sys.stderr.write(f"{error}\n")
            return 2
    sys.stdout.write("\n".join(_lines(checked)) + "\n")
    return 1 if checked.reasons else 0


def _lines(checked: Checked) -> list[str]:
    if checked.reasons:
        return [f"- {reason}" for reason in checked.reasons]
    return ["The service would take this model.", *(f"- {note}" for note in checked.notes)]


if __name__ == "__main__":
    # Lines for an operator's log, e.g. that the documented prices had to do.
    logging.disable()
    sys.exit(main())
