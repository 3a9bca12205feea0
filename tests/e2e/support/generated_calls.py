"""Calls that are generated from the API's documents, made beside the tests."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from infra.local.system import LocalSystem
from tests.e2e.support.schemathesis_run import Run, schemathesis_run

MODEL_OPERATIONS = '["get_model", "get_model_info", "get_model_openapi", "predict"]'


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedCalls:
    """Runs that go on, one after the other.

    Attributes:
        of_api: By the API's document.
        of_model: By the document of one model.
    """

    of_api: Future[Run]
    of_model: Future[Run]

    def wait(self) -> None:
        """Return when all calls are made."""
        self.of_api.exception()
        self.of_model.exception()


@contextmanager
def generated_calls(
    system: LocalSystem,
    *,
    models: tuple[str, str],
    operating_key: str,
    predicting_key: str,
    folder: Path,
) -> Iterator[GeneratedCalls]:
    """Begin to call the API and the second of two live *models*."""
    by_api, by_model = folder / "api", folder / "model"
    by_api.mkdir()
    by_model.mkdir()
    with ThreadPoolExecutor(1) as pool:
        yield GeneratedCalls(
            of_api=pool.submit(_call_api, system, models, operating_key, by_api),
            of_model=pool.submit(_call_model, system, models[1], predicting_key, by_model),
        )


def _call_api(system: LocalSystem, models: tuple[str, str], key: str, folder: Path) -> Run:
    """Call every documented operation, the operating ones on a model that does not exist."""
    more = f"""
[dictionaries.models]
values = ["{models[0]}", "{models[1]}"]

[[operations]]
include-operation-id = {MODEL_OPERATIONS}
parameters = {{ "path.model_id" = {{ dictionary = "models", probability = 0.5 }} }}

[[operations]]
include-tag = "Operations"
generation.max-examples = 3
parameters = {{ "path.model_id" = "nobody-{uuid4().hex[:8]}" }}
"""
    location = f"{system.api_url}/openapi.json"
    return schemathesis_run(location, key=key, folder=folder, examples=3, more=more)


def _call_model(system: LocalSystem, model: str, key: str, folder: Path) -> Run:
    location = f"{system.api_url}/models/{quote(model)}/openapi.json"
    return schemathesis_run(location, key=key, folder=folder, examples=6, operation="predict")
