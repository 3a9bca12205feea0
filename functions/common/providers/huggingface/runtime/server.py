"""Serves the model of this repository over HTTP: the process of the runtime `container`.

This file is copied into the model's repository as `hokus/server.py`, and started by `start.sh`
beside it. It imports the standard library, waitress (pure Python, no dependencies, one process; so
nothing collides with the model's packages, and the model is loaded once), and its neighbours.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
import traceback
from typing import Any

import waitress
from application import MAX_BODY_BYTES, Application, Slots
from predicting import Identity, LoadedModel

PREDICTIONS_PER_CPU = 2
"""At once. Models wait for memory, files and other services; with one per CPU, a CPU would idle."""
WAITING_PER_PREDICTION = 2
"""Requests that wait, for each prediction that is made at once; the surplus is refused."""
LONGEST_DRAIN_S = 25.0
"""As long as a caller waits for a prediction, and less than the 30 s that Kubernetes leaves."""
SPARE_THREADS = 8
"""Beside those that predict and wait: for health, and to refuse the surplus."""
CONNECTIONS = 1_000
SWITCH_INTERVAL_S = 0.001
"""For which a thread keeps the interpreter. With Python's own 5 ms, models of pure Python delay the
health route fourfold, and predict no faster."""


def _listening(application: Application, threads: int) -> Any:
    """Return waitress's server, which answers from now on."""
    server = waitress.create_server(
        application,
        host=os.environ.get("HOKUS_HOST", "0.0.0.0"),  # noqa: S104 - the proxy is on another host
        port=int(os.environ["HOKUS_PORT"]),
        threads=threads,
        asyncore_use_poll=True,
        connection_limit=CONNECTIONS,
        # Notes who has left, so that nobody predicts for them.
        channel_request_lookahead=1,
        # Up to twice our limit it reads the body, so that we can answer.
        max_request_body_size=2 * MAX_BODY_BYTES,
        recv_bytes=65_536,
        ident=None,
    )

    def serve() -> None:
        server.run()
        os._exit(1)

    threading.Thread(target=serve, daemon=True).start()
    return server


def _drain(server: Any) -> None:
    """Wait until every request is answered, at most `LONGEST_DRAIN_S`."""
    ends_at = time.monotonic() + LONGEST_DRAIN_S
    while time.monotonic() < ends_at and any(
        channel.requests or channel.total_outbufs_len
        for channel in [*server.active_channels.values()]
    ):
        time.sleep(0.05)


def main() -> None:
    """Listen, load the model, and answer until SIGTERM."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("waitress").setLevel(logging.ERROR)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    repository = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
    size = PREDICTIONS_PER_CPU * int(os.environ["HOKUS_CPUS"])
    waiting = WAITING_PER_PREDICTION * size
    application = Application(Identity(repository), Slots(size, waiting))
    server = _listening(application, size + waiting + SPARE_THREADS)

    def stop(*_signal: object) -> None:
        if application.model is None:
            os._exit(0)
        application.stopping = True

    signal.signal(signal.SIGTERM, stop)
    application.model = LoadedModel(repository)
    # Once more: the model's own code may have set another.
    signal.signal(signal.SIGTERM, stop)
    while not application.stopping:
        time.sleep(0.1)
    _drain(server)


if __name__ == "__main__":
    # The model's code may have modules of these names.
    sys.path.pop(0)
    del sys.modules["application"], sys.modules["predicting"]
    try:
        main()
    except BaseException as error:  # noqa: BLE001 - whatever it is, the process ends
        traceback.print_exc()
        print(error, file=sys.stderr)  # noqa: T201 - the last line of the log is what people see
        status = 1
    else:
        status = 0
    sys.stderr.flush()
    # At once, whatever threads the model's code has left behind.
    os._exit(status)
