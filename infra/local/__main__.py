"""`python -m infra.local up|down|demo`: the local system from the command line."""

import argparse
import io
import signal
import sys
import time
from pathlib import Path

from infra.command_line import describe_failures
from infra.local.demo import DemoError, run_demo
from infra.local.parts import ROOT
from infra.local.processes import StartError
from infra.local.startup import Options, bring_up, running_system
from infra.local.system import LocalSystem, load
from infra.local.webhook import wait_until_webhook_works

PARTS = ("ministack", "mlflow", "huggingface", "auth")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return its exit status."""
    describe_failures()
    show_each_line_at_once()
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return {"up": up, "down": down, "demo": demo}[options.command](options)
    except (StartError, DemoError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def show_each_line_at_once() -> None:
    """Flush standard output after each line, also when it is a pipe."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)


def up(options: argparse.Namespace) -> int:
    """Start the system and leave it running."""
    system = _running(options.state)
    if system is None:
        print("Starting the local system …")
        system = bring_up(_options(options), say=print)
        wait_until_webhook_works(system)
    print(_how_to_use(system))
    return 0


def down(options: argparse.Namespace) -> int:
    """Stop the system that `up` started."""
    system = load(options.state)
    if system is None:
        print("Nothing is running.")
        return 0
    system.stop()
    print(f"Stopped. Logs and data are still in {_shown(options.state)}.")
    return 0


def demo(options: argparse.Namespace) -> int:
    """Show the main job on the system that is up, or else on a new one."""
    started = time.monotonic()
    system = _running(options.state)
    if system:
        print(f"Using the local system that is running ({_shown(options.state)}).")
        result = run_demo(system, say=print)
        print(_how_to_use(system))
    else:
        print("Starting the local system …")
        with running_system(_options(options), say=print) as own:
            result = run_demo(own, say=print)
        print("\nThat system has been stopped. `make up` starts one to keep; README says the rest.")
    print(
        f"Live {result.seconds_to_live} s after registration, {result.seconds_of_provider} s of"
        f" them the provider's; the demo took {time.monotonic() - started:.0f} s."
    )
    if options.json:
        print(result.as_json(), flush=True)
    return 0 if result.predictions_equal else 1


def _running(state: Path) -> LocalSystem | None:
    """Return the system that `up` started; clear away what is left of one that died."""
    system = load(state)
    if system and not system.is_alive:
        system.stop()
        return None
    return system


def _options(options: argparse.Namespace) -> Options:
    ports = {part: getattr(options, f"{part}_port") for part in PARTS}
    return Options(
        state=options.state,
        ports={part: port for part, port in ports.items() if port},
        startup_s=options.startup_seconds,
    )


def _how_to_use(system: LocalSystem) -> str:
    return f"""
The local system is running:
  API     {system.api_url}
  key     {system.api_key}
  key of an operator, for POST and DELETE …/deployments
          {system.operator_key}
  MLflow  {system.mlflow_url}
  logs    {_shown(system.logs)} (functions.log: those of the functions)

Register a model, and it gets an API:
  export MLFLOW_TRACKING_URI={system.mlflow_url}
  mlflow.sklearn.log_model(model, name="model", input_example=rows,
                           registered_model_name="my model")
  curl -X POST '{system.api_url}/models/my%20model/predict' \\
    -H 'Authorization: Bearer {system.api_key}' \\
    -H 'Content-Type: application/json' -d '{{"inputs": [[5.1, 3.5, 1.4, 0.2]]}}'
`make down` stops it."""


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "demo"])
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--state", type=Path, default=ROOT / ".local", help="folder for its files")
    parser.add_argument(
        "--startup-seconds", type=float, default=3, help="how long an endpoint takes to start"
    )
    for part in PARTS:
        parser.add_argument(f"--{part}-port", type=int, help="a free port is chosen by default")
    return parser


if __name__ == "__main__":
    sys.exit(main())
