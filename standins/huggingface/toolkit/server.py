"""Serves a repository's `handler.py` by the rules of Hugging Face's Inference Toolkit 0.5.

Runs in the container's own environment, which holds starlette, uvicorn and orjson and whatever
the repository's requirements.txt names; imports nothing of ours.
"""

import argparse
import importlib.util
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson  # type: ignore[import-not-found,unused-ignore] # only in containers' environments
import uvicorn
from anyio import Semaphore
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

Handler = Callable[[Any], Any]

_MODULE = "handler.EndpointHandler"
"""The toolkit's own name for a handler's module."""
_JSON = ("application/json", "application/json; charset=UTF-8")


def decode(content_type: str, body: bytes) -> Any:
    """Return the request's data. The content type must match a known one to the letter."""
    if content_type in _JSON:
        return orjson.loads(body)
    supported = ", ".join(_JSON)
    raise ValueError(f'Content type "{content_type}" not supported. Supported types: {supported}')


def encode(accept: str, answer: Any) -> bytes:
    """Return the answer as JSON: arrays become lists, NaN becomes null."""
    if accept not in ("", "*/*", *_JSON):
        raise ValueError(f'Accept type "{accept}" not supported. Supported types: {_JSON[0]}')
    encoded: bytes = orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)
    return encoded


def check_inputs(data: Any) -> None:
    """Raise ValueError unless *data* has a key that every request needs."""
    if "inputs" not in data and "instances" not in data:
        raise ValueError(f"Body needs to provide a inputs key, received: {orjson.dumps(data)}")


def load_handler(folder: Path) -> Handler:
    """Make the `EndpointHandler` of the repository in *folder*; its neighbours can be imported."""
    sys.path[0] = str(folder)  # instead of this script's own folder
    spec = importlib.util.spec_from_file_location(_MODULE, folder / "handler.py")
    if spec is None or spec.loader is None:
        raise ImportError("handler.py cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[_MODULE] = module
    spec.loader.exec_module(module)
    handler: Handler = module.EndpointHandler(str(folder))
    return handler


class Toolkit:
    """The web service around a repository's handler; one prediction at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._turns = Semaphore(1)

    _handler: Handler

    def app(self) -> Starlette:
        """Return the app, which makes the handler at its start, before the port answers.

        The toolkit starts by `on_startup`, too, which starlette 1 does not have any more.
        """
        return Starlette(
            on_startup=[self.load],  # type: ignore[call-arg,unused-ignore] # starlette 0.47
            routes=[
                Route("/", self.health, methods=["GET"]),
                Route("/health", self.health, methods=["GET"]),
                Route("/metrics", self.metrics, methods=["GET"]),
                Route("/", self.predict, methods=["POST"]),
                Route("/predict", self.predict, methods=["POST"]),
            ],
        )

    async def load(self) -> None:
        """Make the handler; the server exits with code 3 when that fails."""
        self._handler = load_handler(self._folder)

    async def health(self, _request: Request) -> Response:
        """Report health: the server listens, so the handler has been made."""
        return PlainTextResponse("Ok")

    async def metrics(self, _request: Request) -> Response:
        """Report the predictions that run and those that wait."""
        queue = self._turns.statistics().tasks_waiting
        running = 1 - self._turns.value
        return PlainTextResponse(f"inf_batch_current_size {running}\ninf_queue_size {queue}\n")

    async def predict(self, request: Request) -> Response:
        """Return the handler's answer; every error is 400 with the error's text."""
        try:
            content = await self._answer(request)
        except Exception as error:  # noqa: BLE001 - this is the toolkit's documented behaviour
            traceback.print_exc()
            body = orjson.dumps({"error": str(error)})
            return Response(body, status_code=400, media_type="application/json")
        return Response(content, media_type="application/json")

    async def _answer(self, request: Request) -> bytes:
        data = decode(request.headers.get("content-type", ""), await request.body())
        check_inputs(data)
        async with self._turns:
            answer = await run_in_threadpool(self._handler, data)
        return encode(request.headers.get("accept", ""), answer)


def main() -> None:
    """Serve the repository in HF_MODEL_DIR."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args().port
    app = Toolkit(Path(os.environ["HF_MODEL_DIR"])).app()
    uvicorn.run(app, host="127.0.0.1", port=port, access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
