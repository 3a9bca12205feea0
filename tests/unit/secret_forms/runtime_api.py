"""A server in place of Lambda's Runtime API; a script, since its client blocks its whole process.

Prints its address, then one line of JSON for each thing that a function reports: what it answered
or raised, and what X-Ray is to hold of that.
Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_TRACE_HEADER = "Lambda-Runtime-Function-XRay-Error-Cause"


class _RuntimeApi(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        failed = self.path.endswith("/error")
        report = {"body": body, "failed": failed, "trace": self.headers.get(_TRACE_HEADER, "")}
        print(json.dumps(report), flush=True)  # noqa: T201
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Print nothing else."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), _RuntimeApi)
    print(f"127.0.0.1:{server.server_address[1]}", flush=True)  # noqa: T201
    server.serve_forever()
