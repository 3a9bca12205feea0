"""A repository for images of one's own: a script that starts a server of the standard library."""

from pathlib import Path

START = """
echo "starting $*"
[ -n "$HUNGRY" ] && { python3 "$(dirname "$0")/hungry.py"; exit; }
exec python3 -u "$(dirname "$0")/serve.py"
"""
HUNGRY = """
import time

weights = b"x" * 600_000_000
time.sleep(60)
"""
SERVE = """
import json, os, signal, subprocess, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

def describe():
    try:
        open(__file__, "a").close()
        writable = True
    except PermissionError:
        writable = False
    nproc = subprocess.run(["nproc"], capture_output=True, text=True).stdout.strip()
    uv = subprocess.run(["uv", "--version"], capture_output=True, text=True).stdout.strip()
    return {
        "python": sys.version_info[:2],
        "environment": {**os.environ},
        "writable": writable,
        "uv": uv,
        "cores": [os.cpu_count(), len(os.sched_getaffinity(0)), int(nproc)],
    }

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer("Ok", 200 if self.path == "/healthy" else 404)

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if "exit" in asked:
            print("giving up")
            os._exit(asked["exit"])
        if "wait_s" in asked:
            print("working")
            time.sleep(asked["wait_s"])
        self.answer(describe(), 200)

    def log_message(self, *_):
        pass

    def answer(self, value, status):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

server = ThreadingHTTPServer((os.environ["HOKUS_HOST"], int(os.environ["HOKUS_PORT"])), Handler)
server.daemon_threads = False

def drain(*_):
    print("draining")
    threading.Thread(target=server.shutdown).start()

signal.signal(signal.SIGTERM, drain)
print("listening")
server.serve_forever()
server.server_close()
print("drained")
"""


def write_serving_repository(folder: Path) -> None:
    """Write the repository's files into *folder*."""
    for name, content in (("start.sh", START), ("hungry.py", HUNGRY), ("serve.py", SERVE)):
        (folder / name).write_text(content)
