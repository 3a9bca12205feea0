"""The packaged handler predicts what the model itself predicts, for real flavors."""

import importlib.util
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest

from functions.common.packages.model_packages import Lock
from functions.common.providers.huggingface.provider import HuggingFace
from functions.common.providers.huggingface.recipe import add_runtime
from functions.common.providers.huggingface.runtimes import CONTAINER, TOOLKIT
from functions.common.providers.packaging import MODEL_FOLDER
from tests.fakes.model_registry import PACKAGES
from tests.fakes.secrets import FakeSecrets
from tests.unit.provision.flavors import (
    FLAVORS,
    Flavor,
    Save,
    quietly,
    save_python_model,
    save_sklearn_tensor,
    without_mlflow_advice,
)

SECRET = "the-deployment-secret"
DEPLOYMENT = "6a0a3d2e-0000-5000-8000-000000000000"

type Handler = Callable[[Any], dict[str, Any]]


@pytest.fixture(autouse=True)
def endpoint_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the environment variables that the endpoint's specification sets."""
    monkeypatch.setenv("HOKUS_ENDPOINT_SECRET", SECRET)
    monkeypatch.setenv("HOKUS_DEPLOYMENT_ID", DEPLOYMENT)


def packaged(folder: Path, save: Save) -> Any:
    """Save a model and make *folder* its repository; return rows to predict."""
    rows = quietly(save, folder / MODEL_FOLDER)
    add_runtime(folder, runtime=TOOLKIT, files={})
    return rows


class LockedHuggingFace(HuggingFace):
    """Locks any model's packages as none, without an index."""

    def lock(self, *_: object, **__: object) -> Lock:
        return Lock(python="3.12", packages=())


def test_the_provider_packages_for_its_container(tmp_path: Path) -> None:
    """The digest is that of the files, among them what a start installs."""
    save_sklearn_tensor(tmp_path / MODEL_FOLDER)
    provider = LockedHuggingFace(FakeSecrets({}))

    package = provider.add_runtime(tmp_path, PACKAGES, runtime=CONTAINER, python="3.12")

    assert 64 == len(package.digest)
    assert () == package.notes
    assert (tmp_path / "hokus/requirements.lock").exists()


def started(folder: Path) -> Handler:
    """Return the handler, created from the repository's file as a container does."""
    spec = importlib.util.spec_from_file_location("handler", folder / "handler.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with without_mlflow_advice():
        handler: Handler = module.EndpointHandler(str(folder))
    return handler


def ask(handler: Handler, body: Any, *, secret: str = SECRET) -> dict[str, Any]:
    """Return the answer over the wire, in strict JSON both ways."""
    sent = json.loads(json.dumps({"inputs": body, "hokus": {"secret": secret}}, allow_nan=False))
    answer: dict[str, Any] = json.loads(json.dumps(handler(sent), allow_nan=False))
    assert DEPLOYMENT == answer["deployment_id"]
    assert 64 == len(answer["package"])
    return answer


def as_body(rows: Any) -> dict[str, Any]:
    """Return *rows* as a caller sends them."""
    if isinstance(rows, pd.DataFrame):
        split = rows.to_dict(orient="split")
        return {"dataframe_split": {"columns": split["columns"], "data": split["data"]}}
    return {"inputs": rows.tolist() if isinstance(rows, np.ndarray) else rows}


def values(predictions: Any) -> list[Any]:
    """Return predictions of any type as a flat list; floats compare exactly, NaN and None equal."""
    if isinstance(predictions, list) and predictions and isinstance(predictions[0], dict):
        flat = [value for row in predictions for value in row.values()]
    else:
        flat = list(np.asarray(predictions).ravel())
    return [_value(value) for value in flat]


def _value(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.isoformat()
    value = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(value, float) and math.isnan(value) else value


@pytest.mark.parametrize("flavor", FLAVORS, ids=lambda flavor: flavor.name)
def test_every_flavor_predicts_what_it_predicts_locally(flavor: Flavor, tmp_path: Path) -> None:
    """The endpoint's predictions are the local ones, to the last digit."""
    rows = packaged(tmp_path, flavor.save)
    with without_mlflow_advice():
        expected = mlflow.pyfunc.load_model(str(tmp_path / MODEL_FOLDER)).predict(rows)

    answer = ask(started(tmp_path), as_body(rows))

    assert answer["ok"], answer
    assert values(expected) == values(answer["predictions"])


@pytest.fixture(scope="module")
def tensor_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tensor")
    packaged(folder, save_sklearn_tensor)
    return folder


@pytest.fixture(scope="module")
def params_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("params")
    packaged(folder, save_python_model)
    return folder


ROW = [5.1, 3.5, 1.4, 0.2]


@pytest.mark.parametrize("body", [{"inputs": [ROW]}, {"instances": [ROW]}])
def test_a_tensor_comes_as_inputs_or_instances(tensor_folder: Path, body: Any) -> None:
    """Both names of MLflow's server work."""
    assert [0] == ask(started(tensor_folder), body)["predictions"]


@pytest.mark.parametrize("key", ["params", "parameters", "options"])
def test_params_have_three_names(params_folder: Path, key: str) -> None:
    """MLflow's, Hugging Face's and the existing clients'."""
    body = {"dataframe_records": [{"amount": 1.5}], key: {"factor": 10.0}}

    answer = ask(started(params_folder), body)

    expected = [{"scaled": 15.0, "day": "2026-11-22T00:00:00", "gap": None}]
    assert expected == answer["predictions"]


def test_options_of_a_model_without_params_are_ignored(tensor_folder: Path) -> None:
    """Existing clients send options to every model."""
    assert ask(started(tensor_folder), {"inputs": [ROW], "options": {"wait": True}})["ok"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"inputs": [[1.0, 2.0]]}, "(-1, 4)"),
        ({"inputs": "text"}, "text"),
        ({"inputs": [ROW], "instances": [ROW]}, "exactly one of"),
        ({}, "exactly one of"),
        (None, "exactly one of"),
        ([ROW], "exactly one of"),
        ({"dataframe_split": [1]}, "Dataframe split format"),
        ({"dataframe_records": {"a": 1}}, "Dataframe records format"),
    ],
)
def test_an_invalid_input_is_rejected(tensor_folder: Path, body: Any, words: str) -> None:
    """The message has at most 500 characters and none of the caller's rows."""
    answer = ask(started(tensor_folder), body)

    assert (False, "rejected_input") == (answer["ok"], answer["error"]["type"])
    assert words in answer["error"]["message"]
    assert len(answer["error"]["message"]) <= 500


@pytest.mark.parametrize(
    ("row", "kind", "words"),
    [
        ({"amount": -1.0}, "rejected_input", "amount must not be negative"),
        ({"cost": 1.0}, "rejected_input", "Model is missing inputs ['amount']"),
        ({"amount": 2e6}, "model_error", "RuntimeError: out of luck"),
    ],
)
def test_a_rejected_input_differs_from_a_failure(
    params_folder: Path, row: Any, kind: str, words: str
) -> None:
    """ValueError and similar concern the input; anything else is the model's own failure."""
    error = ask(started(params_folder), {"dataframe_records": [row]})["error"]

    assert kind == error["type"]
    assert words in error["message"]


@pytest.mark.parametrize(
    "data",
    [
        {"inputs": {"inputs": [ROW]}},
        {"inputs": {"inputs": [ROW]}, "hokus": {"secret": "wrong"}},
        {"inputs": {"inputs": [ROW]}, "hokus": {"secret": 1}},
        {"inputs": {"inputs": [ROW]}, "hokus": "the-deployment-secret"},
        {},
        [],
        "inputs",
    ],
)
def test_without_our_secret_nothing_is_predicted(tensor_folder: Path, data: Any) -> None:
    """A caller who passes the provider's proxy is refused here."""
    answer = started(tensor_folder)(data)

    assert (False, "forbidden") == (answer["ok"], answer["error"]["type"])


@pytest.mark.parametrize(
    ("nonce", "echoed"), [("6c7c", {"6c7c"}), ("x" * 65, set()), (1, set()), (None, set())]
)
def test_every_answer_echoes_the_nonce_of_its_request(
    tensor_folder: Path, nonce: Any, echoed: set[str]
) -> None:
    """Refusals too; an invalid nonce is not repeated."""
    handler = started(tensor_folder)
    hokus = {"secret": SECRET, "nonce": nonce}

    right = handler({"inputs": {"inputs": [ROW]}, "hokus": hokus})
    wrong = handler({"inputs": {}, "hokus": hokus})

    assert [True, False] == [right["ok"], wrong["ok"]]
    assert [echoed, echoed] == [{each.get("nonce")} - {None} for each in (right, wrong)]


@pytest.mark.parametrize("name", ["HOKUS_ENDPOINT_SECRET", "HOKUS_DEPLOYMENT_ID"])
def test_an_endpoint_without_its_identity_does_not_start(
    tensor_folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It would be open to everybody."""
    monkeypatch.delenv(name)

    with pytest.raises(RuntimeError, match=name):
        started(tensor_folder)


def test_a_model_that_cannot_be_loaded_says_so_in_one_line(tmp_path: Path) -> None:
    """People see only the end of the log."""
    packaged(tmp_path, save_sklearn_tensor)
    (tmp_path / MODEL_FOLDER / "MLmodel").unlink()

    with pytest.raises(RuntimeError, match="The model could not be loaded: "):
        started(tmp_path)


def test_every_answer_names_the_served_package(tmp_path: Path) -> None:
    """Also a refusal and a rejected input."""
    save_sklearn_tensor(tmp_path / MODEL_FOLDER)
    digest = add_runtime(tmp_path, runtime=TOOLKIT, files={})
    handler = started(tmp_path)

    assert digest == ask(handler, {"inputs": [ROW]})["package"]
    assert digest == ask(handler, {"inputs": "text"})["package"]
    assert digest == ask(handler, {"inputs": [ROW]}, secret="wrong")["package"]


@pytest.mark.parametrize("marker", [None, "", "{}", "[]", "null"])
def test_without_its_marker_an_endpoint_does_not_start(tmp_path: Path, marker: str | None) -> None:
    """It could not name the package that it serves."""
    packaged(tmp_path, save_sklearn_tensor)
    (tmp_path / "hokus.json").unlink()
    if marker is not None:
        (tmp_path / "hokus.json").write_text(marker)

    with pytest.raises(RuntimeError, match=r"hokus\.json is missing or broken"):
        started(tmp_path)
