"""`python -m bench.overload`: our server on endpoints and the toolkit's under more load than fits.

A model takes 0.25 s; 8 and then 32 clients ask again as soon as they have an answer, on two virtual
CPUs. Prints predictions per second, their median, the surplus, and the health route's latency
meanwhile; then what a start of ours costs, with an empty and with a filled cache of packages.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import httpx
import psutil

from infra.local.parts import free_port
from standins.huggingface import environments
from tests.runtime import directed_model
from tests.runtime.server_process import SECRET, add_server, variables

CPUS = 2
MODEL_S = 0.25
RUN_S = 12.0
CLIENTS = (8, 32)
HEALTH_EVERY_S = 0.05
ROW = {"dataframe_records": [{"do": "sleep", "with": MODEL_S}]}
TOOLKIT = Path(environments.__file__).parent / "toolkit" / "server.py"
UV = str(Path(sys.executable).with_name("uv"))
REQUIREMENTS = [
    *(
        f"{name}=={version(name)}"
        for name in ("mlflow-skinny", "pandas", "cloudpickle", "waitress")
    ),
    "starlette<1",
]

type Post = Callable[[httpx.Client], httpx.Response]


@dataclass
class Figures:
    """Measurements of the clients; all in seconds."""

    run_s: float = 0.0
    predicted: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)


def prepare(folder: Path) -> Path:
    """Make a repository for both runtimes; return it."""
    repository = folder / "repository"
    repository.mkdir()
    save = "import sys, mlflow; mlflow.pyfunc.save_model(sys.argv[1], python_model=sys.argv[2])"
    model = str(repository / "model")
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", save, model, str(directed_model.__file__)],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    add_server(repository)
    handler = Path(environments.__file__).parents[2]
    source = handler / "functions/common/providers/huggingface/runtime/handler.py"
    (repository / "handler.py").write_bytes(source.read_bytes())
    lock = ["pip", "compile", "--quiet", "--generate-hashes", "--python", sys.executable, "-", "-o"]
    subprocess.run(
        [UV, *lock, str(repository / "hokus" / "requirements.lock")],
        input="\n".join(REQUIREMENTS),
        text=True,
        check=True,
    )
    return repository


@contextmanager
def served(command: list[str], environment: dict[str, str], port: int) -> Iterator[psutil.Process]:
    """Run *command* until its health route answers; yield its process, which is killed then."""
    process = psutil.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not healthy(port):
            assert process.poll() is None
            time.sleep(0.05)
        yield process
    finally:
        with suppress(psutil.NoSuchProcess):
            process.kill()
        process.wait()


def healthy(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).is_success
    except httpx.TransportError:
        return False


def ask(figures: Figures, post: Post, base_url: str, ends_at: float) -> None:
    """Predict again and again; a refused client comes again when it is asked to."""
    with httpx.Client(base_url=base_url, timeout=120, trust_env=False) as client:
        while time.monotonic() < ends_at:
            began = time.monotonic()
            answer = post(client)
            taken = time.monotonic() - began
            (figures.predicted if answer.is_success else figures.refused).append(taken)
            if not answer.is_success:
                assert answer.status_code == 503, answer.text
                time.sleep(float(answer.headers["Retry-After"]))


def load(port: int, clients: int, post: Post) -> Figures:
    """Return what *clients* see in `RUN_S`."""
    figures, base_url = Figures(), f"http://127.0.0.1:{port}"
    began_at = time.monotonic()
    ends_at = began_at + RUN_S
    threads = [
        threading.Thread(target=ask, args=(figures, post, base_url, ends_at))
        for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    with httpx.Client(base_url=base_url, timeout=60, trust_env=False) as client:
        while time.monotonic() < ends_at:
            began = time.monotonic()
            assert client.get("/health").is_success
            figures.health.append(time.monotonic() - began)
            time.sleep(HEALTH_EVERY_S)
    for thread in threads:
        thread.join()
    figures.run_s = time.monotonic() - began_at
    return figures


def show(name: str, clients: int, figures: Figures) -> None:
    predicted, health, run_s = figures.predicted, sorted(figures.health), figures.run_s
    print(
        f"{name:<10}{clients:>8}{len(predicted) / run_s:>10.1f}{statistics.median(predicted):>8.2f}"
        f"{len(figures.refused) / run_s:>10.1f}"
        f"{1_000 * max(figures.refused, default=0):>14.0f}"
        f"{1_000 * statistics.median(health):>12.1f}"
        f"{1_000 * health[int(len(health) * 0.99)]:>8.1f}{1_000 * health[-1]:>8.1f}"
    )


def cpu_s(process: psutil.Process) -> float:
    """Return the seconds of CPU so far, those of ended children included."""
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system


def ours(repository: Path, folder: Path) -> None:
    """Start our server with an empty and with a filled cache; load it the second time."""
    port = free_port()
    environment = {
        **os.environ,
        **variables(port, cpus=CPUS),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "TMPDIR": str(folder),
        "UV_CACHE_DIR": str(folder / "cache"),
        "OMP_NUM_THREADS": str(CPUS),
        "OPENBLAS_NUM_THREADS": str(CPUS),
    }
    command = ["sh", str(repository / "hokus" / "start.sh")]
    starts = []
    headers = {"X-Hokus-Secret": SECRET}
    for cache in ("empty", "filled"):
        began = time.monotonic()
        with served(command, environment, port) as process:
            taken, memory = time.monotonic() - began, process.memory_info().rss / 2**20
            starts.append((cache, taken, cpu_s(process), memory))
            if cache == "filled":
                for clients in CLIENTS:
                    show(
                        "ours",
                        clients,
                        load(port, clients, lambda c: c.post("/", json=ROW, headers=headers)),
                    )
    print(f"\n{'cache':<10}{'start s':>10}{'CPU s':>8}{'memory MB':>12}")
    for cache, taken, cpu, memory in starts:
        print(f"{cache:<10}{taken:>10.1f}{cpu:>8.1f}{memory:>12.0f}")


def toolkits(repository: Path, folder: Path) -> None:
    """Load the stand-in of the toolkit, in an environment with the same packages."""
    python, port = str(folder / "toolkit" / "bin" / "python"), free_port()
    install = [UV, "pip", "install", "--quiet", "--python", python]
    lock = str(repository / "hokus" / "requirements.lock")
    subprocess.run(
        [UV, "venv", "--quiet", "--python", sys.executable, folder / "toolkit"], check=True
    )
    subprocess.run([*install, "--require-hashes", "-r", lock], check=True)
    subprocess.run([*install, *environments._TOOLKIT_PACKAGES], check=True)
    command = [python, str(TOOLKIT), "--port", str(port)]
    environment = {**os.environ, **variables(0), "HF_MODEL_DIR": str(repository)}
    body = {"inputs": ROW, "hokus": {"secret": SECRET, "nonce": "n"}}
    with served(command, environment, port):
        for clients in CLIENTS:
            show("toolkit", clients, load(port, clients, lambda c: c.post("/", json=body)))


def main() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        repository = prepare(folder)
        print(
            f"{'':<10}{'clients':>8}{'per s':>10}{'p50 s':>8}{'503 per s':>10}{'503 max ms':>14}"
            f"{'health p50':>12}{'p99':>8}{'max ms':>8}"
        )
        toolkits(repository, folder)
        ours(repository, folder)


if __name__ == "__main__":
    main()
