"""Fixtures: the Hugging Face stand-in, in this process or as a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import huggingface_hub.constants
import pytest
from starlette.testclient import TestClient

from standins.huggingface.access import Access
from standins.huggingface.app import Edges, create_app
from standins.huggingface.hub_store import HubStore
from tests.local.doubles import Clock, FakeLauncher
from tests.local.doubling_repository import write_repository
from tests.local.serving_repository import write_serving_repository
from tests.local.stand_in import STARTUP_S, TOKEN, StandIn
from tests.local.stand_in_process import StandInProcess, end, start


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    """The stand-in with one private repository, `alice/iris`, called by its owner."""
    clock, launcher, access = Clock(), FakeLauncher(), Access()
    access.add(TOKEN, "alice")
    hub = HubStore(tmp_path, clock)
    hub.create("alice/iris", private=True)
    made = StandIn(clock, launcher, hub)
    client = httpx.AsyncClient(transport=httpx.MockTransport(made.answer))
    edges = Edges(access=access, hub=hub, launcher=launcher, client=client, now_ns=clock)
    app = create_app(edges, base_url="http://testserver", startup_s=STARTUP_S)
    made.http = TestClient(app, headers={"authorization": f"Bearer {TOKEN}"})
    return made


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model repository."""
    folder = tmp_path_factory.mktemp("repository")
    write_repository(folder)
    return folder


@pytest.fixture(scope="module")
def serving(server: StandInProcess, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The stand-in process has a repository for images of one's own as `alice/serving`."""
    folder = tmp_path_factory.mktemp("serving")
    write_serving_repository(folder)
    server.hub().create_repo("alice/serving", private=True)
    server.hub().upload_folder(repo_id="alice/serving", folder_path=folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Iterator[StandInProcess]:
    """A stand-in process that has the repository as `alice/doubling`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
        server = start(tmp_path_factory.mktemp("server"))
        try:
            server.hub().create_repo("alice/doubling", private=True)
            server.hub().upload_folder(repo_id="alice/doubling", folder_path=repository)
            yield server
        finally:
            end(server)
