"""A stand-in as a process: one port of this machine, served until SIGTERM or SIGINT."""

import logging
import socket
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

_HOST = "127.0.0.1"


def serve(title: str, port: int, make_app: Callable[[str], Starlette]) -> None:
    """Print the address (port 0: a free one) and serve the app that *make_app* returns for it."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    logging.getLogger("standins").setLevel(logging.INFO)
    listener = socket.create_server((_HOST, port))
    base_url = f"http://{_HOST}:{listener.getsockname()[1]}"
    config = uvicorn.Config(
        make_app(base_url),
        loop="asyncio",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    print(f"{title} stand-in: {base_url}", flush=True)
    uvicorn.Server(config).run(sockets=[listener])
