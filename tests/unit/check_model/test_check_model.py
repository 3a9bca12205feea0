"""A model is checked before it is registered, wherever it is, with every reason at once."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from check_model.__main__ import main
from tests.fakes.price_list import FakePriceList, an_offer
from tests.fakes.provider import InMemoryProvider
from tests.mlflow_database import new_database

with warnings.catch_warnings():
    # mlflow warns about its own type hints while it is imported.
    warnings.simplefilter("ignore")
    import mlflow
    from mlflow import MlflowClient

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

INPUTS = json.dumps([{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}])
MODEL: dict[str, Any] = {
    "flavors": {"python_function": {"loader_module": "mlflow.sklearn", "python_version": "3.12.1"}},
    "signature": {"inputs": INPUTS},
    "mlflow_version": "3.17.2",
}
SPARK = {"flavors": {"python_function": {"loader_module": "mlflow.spark"}}}


def check(address: str | Path, **provider: Any) -> int:
    """Check with a provider whose index has everything but CUDA."""
    return main([str(address)], provider=InMemoryProvider(**provider))


def saved(folder: Path, description: dict[str, Any], requirements: str = "mlflow==3.17.2") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "MLmodel").write_text(yaml.safe_dump(description))
    (folder / "requirements.txt").write_text(requirements)
    return folder


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """An MLflow whose model `iris` has a version that is opted out."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(new_database(tmp_path))
    folder = saved(tmp_path / "model", MODEL, "mlflow==3.17.2\n")
    client = MlflowClient()
    client.create_registered_model("iris")
    client.create_model_version("iris", str(folder), tags={"hokus.deploy": "false"})
    yield "models:/iris/1"
    mlflow.set_tracking_uri(before)


def test_a_folder_that_would_be_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With what its verification will lack."""
    folder = saved(tmp_path / "model", MODEL, "mlflow==3.17.2\n")

    assert 0 == check(folder)

    said = capsys.readouterr().out
    assert "The service would take this model." in said
    assert "no input example" in said


def test_all_reasons_come_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One correction is enough."""
    folder = saved(tmp_path / "model", SPARK, "cuda==1\n")

    assert 1 == check(folder)

    said = capsys.readouterr().out
    assert said.count("\n- ") == 2
    assert all(word in said for word in ("Java", "No CUDA", "no signature"))


def test_broken_files_are_a_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As in the workflow."""
    assert 1 == check(tmp_path)
    assert "has no files" in capsys.readouterr().out


def test_a_model_must_fit_into_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of the largest instance that the settings allow."""
    folder = saved(tmp_path / "model", MODEL)
    with (folder / "weights").open("wb") as sparse:
        sparse.truncate(1_800_000_000)

    assert 1 == check(folder, prices=FakePriceList(an_offer(memory_gb=2.0)))
    assert "1.80 GB, and an instance x2 has 2 GB of memory" in capsys.readouterr().out


def test_a_sold_out_machine_is_a_note(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It says nothing against the model."""
    folder = saved(tmp_path / "model", MODEL)

    assert 0 == check(folder, prices=FakePriceList(an_offer(available=False)))

    lines = capsys.readouterr().out.splitlines()
    assert "The service would take this model." == lines[0]
    assert "- It would run on intel-spr x2 in aws us-east-1" in lines[1]
    assert "sold out" in lines[2]


@pytest.mark.parametrize(
    ("tag", "value", "fault"),
    [
        ("hokus.instance_size", "x3", "has the sizes x2, x16"),
        ("hokus.max_replicas", "many", "takes a whole number from 1"),
        ("hokus.instance_size", "x16", "tags ask for up to 2.000 USD an hour, of at most 1.000"),
    ],
)
def test_tags_that_size_the_endpoint_are_checked(
    server: str, tag: str, value: str, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Those of the version; the ceiling is this shell's setting."""
    MlflowClient().set_model_version_tag("iris", "1", tag, value)

    large = an_offer(instance_size="x16", memory_gb=32.0, price_usd_per_hour=2.0)
    assert 1 == check(server, prices=FakePriceList(an_offer(), large))
    assert fault in capsys.readouterr().out


def test_a_registered_version_is_read_with_its_tags(
    server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the caller's own client of MLflow."""
    assert 1 == check(server)
    assert "tagged hokus.deploy=false" in capsys.readouterr().out


def test_what_cannot_be_read_is_no_reason(server: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody can say; the words are MLflow's, without secrets."""
    assert server
    for uri in ("models:/nobody/1", "runs:/0123/model", "https://me:secret@host.invalid/model"):
        assert 2 == check(uri)

    said = capsys.readouterr()
    assert "" == said.out
    assert said.err.count("MLflow's client cannot read") == 3
    assert "secret" not in said.err


@pytest.mark.parametrize(("tag", "status"), [("refused", 1), ("allowed", 0)])
def test_what_breaks_callers_of_the_live_version_is_a_reason(
    server: str, tag: str, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which of the versions is live, its tag says."""
    assert server
    client, inputs = MlflowClient(), INPUTS.replace("4", "5")
    client.set_model_version_tag("iris", "1", "hokus.status", "deployed")
    wider = MODEL | {"signature": {"inputs": inputs}}
    folder = saved(tmp_path / "wider", wider, "mlflow==3.17.2\n")
    client.create_model_version("iris", str(folder), tags={"hokus.breaking": tag})

    assert status == check("models:/iris/2")

    said = capsys.readouterr().out
    assert ("break callers of version 1, which is live. The tensor changes its shape" in said) == (
        status == 1
    )
