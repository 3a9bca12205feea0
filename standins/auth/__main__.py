"""The command line: `python -m standins.auth --port P`; good keys come by the environment."""

import argparse
import os

from standins import KEYS_VARIABLE
from standins.auth.app import create_app
from standins.serving import serve


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m standins.auth")
    parser.add_argument("--port", type=int, required=True, help="0: a free one, printed")
    parser.add_argument("--service-id", default="platform", help="keys are good for it alone")
    arguments = parser.parse_args()
    app = create_app(os.environ.pop(KEYS_VARIABLE, "").split(), service_id=arguments.service_id)
    serve("auth.hokus.ai", arguments.port, lambda _base_url: app)


if __name__ == "__main__":
    main()
