"""The command line: `python -m standins.auth --port P [--key KEY]…`."""

import argparse
import logging
import socket

import uvicorn

from standins.auth.app import create_app

_HOST = "127.0.0.1"


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m standins.auth")
    parser.add_argument("--port", type=int, required=True, help="0: a free one, printed")
    parser.add_argument("--key", action="append", default=[], help="a good API key")
    parser.add_argument("--service-id", default="platform", help="keys are good for it alone")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("standins.auth").setLevel(logging.INFO)
    listener = socket.create_server((_HOST, arguments.port))
    config = uvicorn.Config(
        create_app(arguments.key, service_id=arguments.service_id),
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    print(f"auth.hokus.ai stand-in: http://{_HOST}:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
