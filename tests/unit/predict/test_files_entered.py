"""A warm prediction enters few of our files: a reader can follow it."""

import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from functions.common.signatures.request_schema import request_schema
from tests.builders import a_live_deployment
from tests.faults import predict_function as faults

FUNCTIONS = Path(__file__).parents[3] / "functions"
AT_MOST = 20
"""Three of them write the line that the call leaves in the log."""
SIGNATURE = [{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}]
BODY = b'{"inputs": [[5.1, 3.5, 1.4, 0.2]]}'


class _Endpoint(BaseHTTPRequestHandler):
    """Predicts as our server on endpoints does."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = {
            "deployment_id": DEPLOYMENT.id,
            "package": "p",
            "predictions": [0],
            "nonce": self.headers["X-Hokus-Nonce"],
        }
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


DEPLOYMENT = a_live_deployment(runtime="container", request_schema=request_schema(SIGNATURE, None))


@contextmanager
def endpoint() -> Iterator[str]:
    """Serve an endpoint on this machine; yield its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def entered_files() -> Iterator[set[str]]:
    """Collect our files whose functions are called, in whichever thread."""
    files: set[str] = set()

    def note(frame: FrameType, event: str, _arg: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(str(FUNCTIONS)):
            files.add(str(Path(frame.f_code.co_filename).relative_to(FUNCTIONS)))

    threading.setprofile_all_threads(note)
    sys.setprofile(note)
    try:
        yield files
    finally:
        sys.setprofile(None)
        threading.setprofile_all_threads(None)


def test_a_warm_prediction_enters_few_of_our_files(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A call of the real handler with the real adapters, on a model with a signature.

    One that follows another closely: after a pause it reads what other environments have found out.
    """
    monkeypatch.setitem(faults.VARIABLES, "LOOKUP_MAX_AGE_S", "60")
    entered = []
    with endpoint() as url, faults.running(deadline_s=25) as function:
        function.serve(url, deployment=DEPLOYMENT)
        assert 200 == function.call(BODY).status
        for _ in range(20):
            with entered_files() as files:
                assert 200 == function.call(BODY).status
            entered.append(files)

    fewest = min(entered, key=len)
    assert len(fewest) <= AT_MOST, "\n".join(sorted(fewest))
