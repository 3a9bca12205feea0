"""A model's modules may have the names of ours, in both runtimes: each side finds its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlflow
import pytest

from functions.common.providers.huggingface.recipe import add_runtime
from functions.common.providers.huggingface.runtimes import CONTAINER, TOOLKIT
from standins.huggingface import toolkit_image
from standins.huggingface.machine import uv_executable
from tests.runtime.server_process import NONCE, SECRET, ServerProcess, running
from tests.unit.provision.flavors import quietly

TOOLKIT_SERVER = Path(toolkit_image.__file__).parent / "toolkit/server.py"
TOOLKIT_PACKAGES = ("orjson", "starlette==0.47.3", "uvicorn", "mlflow-skinny", "pandas")
"""What its server needs, in the toolkit's version, and what the model does."""
NAMES = ("app", "application", "handler", "hokus", "main", "model", "predicting", "server")
BODY = {"inputs": ["x"]}
EXPECTED = [[[f"the model's {name}" for name in NAMES]] * 2]


def save_with_modules(path: Path) -> None:
    """Save the model with its modules; half of them are packages."""
    code = path.parent / "code"
    for number, name in enumerate(NAMES):
        module = code / (f"{name}.py" if number % 2 else f"{name}/__init__.py")
        module.parent.mkdir(parents=True, exist_ok=True)
        module.write_text(f'OWNER = "the model\'s {name}"\n')
    mlflow.pyfunc.save_model(
        path,
        python_model=str(Path(__file__).with_name("own_modules_model.py")),
        model_config={"modules": [*NAMES]},
        code_paths=[str(each) for each in code.iterdir()],
        pip_requirements=[],
    )


def repository(folder: Path, runtime: str) -> Path:
    """Make *folder* the repository of the model, as it is published for *runtime*."""
    saved = folder.parent / "saved"
    saved.mkdir()
    quietly(save_with_modules, saved / "model")
    folder.mkdir()
    (saved / "model").rename(folder / "model")
    add_runtime(folder, runtime=runtime, files={})
    return folder


def test_the_container_gives_the_model_its_own_modules(tmp_path: Path) -> None:
    """Ours go on working beside them, also when they import something later."""
    with running(repository(tmp_path / "repository", CONTAINER)) as server:
        server.wait_for_health(200)
        answers = [server.post(json.dumps(BODY).encode()) for _ in range(2)]
        refused = server.post(b"{")

    assert [EXPECTED, EXPECTED] == [answer.json()["predictions"] for answer in answers]
    assert (400, "invalid_json") == (refused.status_code, refused.json()["error"]["type"])


@pytest.fixture
def toolkit(tmp_path: Path) -> Iterator[ServerProcess]:
    """Run the toolkit's server on the repository, in an environment of its own."""
    python, uv = tmp_path / "venv/bin/python", str(uv_executable())
    subprocess.run(
        [uv, "venv", "--quiet", "--python", sys.executable, python.parents[1]], check=True
    )
    install = [uv, "pip", "install", "--quiet", "--python", str(python)]
    subprocess.run([*install, *TOOLKIT_PACKAGES], check=True)
    folder = repository(tmp_path / "repository", TOOLKIT)
    command = [str(python), "-B", "-u", str(TOOLKIT_SERVER), "--port"]
    variables = {"HF_MODEL_DIR": str(folder)}
    with running(folder, environment=variables, command=command) as server:
        server.wait_for_health(200)
        yield server


def test_the_toolkit_gives_the_model_its_own_modules(toolkit: ServerProcess) -> None:
    """Its `handler.py` is ours, and lies in a folder that modules are looked for in."""
    body = {"inputs": BODY, "hokus": {"secret": SECRET, "nonce": NONCE}}
    answers = [toolkit.http.post("/", json=body).json() for _ in range(2)]

    assert [(True, EXPECTED)] * 2 == [(each["ok"], each["predictions"]) for each in answers]


def test_a_handler_leaves_its_name_to_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in a container that registers it by the name of its file."""
    folder = repository(tmp_path / "repository", TOOLKIT)
    monkeypatch.setenv("HOKUS_ENDPOINT_SECRET", SECRET)
    monkeypatch.setenv("HOKUS_DEPLOYMENT_ID", "an id")
    program = f"""
import importlib.util, json, sys
sys.path.insert(0, {str(folder)!r})
spec = importlib.util.spec_from_file_location("handler", {str(folder / "handler.py")!r})
module = importlib.util.module_from_spec(spec)
sys.modules["handler"] = module
spec.loader.exec_module(module)
handler = module.EndpointHandler({str(folder)!r})
answer = handler({{"inputs": {BODY!r}, "hokus": {{"secret": {SECRET!r}}}}})
print(json.dumps(answer["predictions"]))
"""
    done = subprocess.run(
        [sys.executable, "-B", "-c", program], capture_output=True, text=True, check=False
    )

    assert 0 == done.returncode, done.stderr
    found: Any = json.loads(done.stdout.splitlines()[-1])
    assert EXPECTED == found
