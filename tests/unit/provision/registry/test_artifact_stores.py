"""The files of versions, at tracking servers and in buckets that answer with anything."""

import json
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any

import boto3
import mlflow
import pytest
from moto import mock_aws

from functions.provision.registry import artifacts
from functions.provision.registry.artifacts import VersionFiles
from functions.provision.registry.base import FilesRefusedError, RegistryUnavailableError
from functions.provision.registry.bucket import BucketStore
from functions.provision.registry.credentials import Credentials
from functions.provision.registry.mlflow_registry import MlflowModelRegistry
from functions.provision.registry.tracking_server import TrackingServerStore
from tests.fakes.artifact_store import FakeArtifactStore
from tests.fakes.model_registry import any_source
from tests.unit.provision.registry.serving import ARTIFACTS, Asked, Reply, serving

TOKEN = "a-token-of-mlflows"


@pytest.fixture(autouse=True)
def mlflow_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """mlflow's client with credentials, and without pauses between its attempts."""
    before = mlflow.get_tracking_uri()
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", TOKEN)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    yield
    mlflow.set_tracking_uri(before)


def listing(*files: dict[str, Any]) -> Reply:
    return Reply(chunks=[json.dumps({"files": files}).encode()])


def error(status: int, message: str = "It is so.") -> Reply:
    return Reply(status, chunks=[json.dumps({"error_code": "E", "message": message}).encode()])


def folder(files: dict[str, bytes]) -> Callable[[Asked], Reply]:
    """Return the answers of a tracking server that has these files under `1/m`."""

    def reply(asked: Asked) -> Reply:
        if asked.path != ARTIFACTS:
            return Reply(chunks=[files[asked.path.removeprefix(f"{ARTIFACTS}/1/m/")]])
        within = asked.query["path"].removeprefix("1/m").strip("/")
        inner = [each.removeprefix(within).strip("/") for each in files if each.startswith(within)]
        names = {each.partition("/")[0]: "/" in each for each in inner}
        return listing(*({"path": name, "is_dir": is_dir} for name, is_dir in names.items()))

    return reply


def test_all_files_are_read_with_the_servers_credentials(tmp_path: Path) -> None:
    """Whatever they are called; those in folders too."""
    files = {"MLmodel": b"flavors: {}", "data/model #1 50%.pkl": b"x" * 3_000_000, "data/ü/y": b""}

    with serving(folder(files)) as server:
        VersionFiles(TrackingServerStore(server.url, "1/m")).download(tmp_path / "to")

    read = {
        path.relative_to(tmp_path / "to").as_posix(): path.read_bytes()
        for path in (tmp_path / "to").rglob("*")
        if path.is_file()
    }
    assert files == read
    assert {f"Bearer {TOKEN}"} == {each.headers["Authorization"] for each in server.asked}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_host_gets_neither_credentials_nor_a_request(status: int) -> None:
    """Neither for files nor for what the registry itself is asked."""
    with serving(lambda _: listing()) as other:
        location = {"Location": f"{other.url.replace('127.0.0.1', 'localhost')}/x"}
        with serving(lambda _: Reply(status, location)) as server:
            files = VersionFiles(TrackingServerStore(server.url, "1/m"))
            with pytest.raises(FilesRefusedError, match="redirects") as refused:
                files.text("MLmodel")
            registry = MlflowModelRegistry(
                server.url, Credentials(token=TOKEN), open_files=any_source
            )
            for question in (registry.models, lambda: registry.version("iris", "1")):
                with pytest.raises((RegistryUnavailableError, FilesRefusedError)):
                    question()

    assert refused.value.may_pass
    assert len(server.asked) >= 3
    assert [] == other.asked


@pytest.mark.parametrize(
    ("reply", "expected", "says"),
    [
        (error(500, "NoSuchBucket"), RegistryUnavailableError, "NoSuchBucket"),
        (error(503), RegistryUnavailableError, "answered 503"),
        (error(429), RegistryUnavailableError, "answered 429"),
        (error(404, "No such artifact"), FilesRefusedError, "No such artifact"),
        (error(400, "Invalid path"), FilesRefusedError, "Invalid path"),
        (Reply(418, chunks=[b"<html>"]), FilesRefusedError, "answered 418"),
        (error(400, "at https://user:pw@host/?sig=secret"), FilesRefusedError, r"\*\*\*@host"),
        (Reply(chunks=[b"<html>"]), RegistryUnavailableError, "not one"),
        (Reply(chunks=[b"[]"]), RegistryUnavailableError, "not one"),
        (Reply(chunks=[b"[" * 100_000]), RegistryUnavailableError, "not one"),
        (Reply(chunks=[b'{"files": [{"path": 3}]}']), RegistryUnavailableError, "not one"),
        (Reply(headers={"Content-Length": "9"}, chunks=[b"{"]), RegistryUnavailableError, "off"),
    ],
)
def test_errors_of_the_server_are_final_only_where_they_stay(
    reply: Reply, expected: type[Exception], says: str
) -> None:
    with serving(lambda _: reply) as server, pytest.raises(expected, match=says):
        assert VersionFiles(TrackingServerStore(server.url, "1/m")).sizes


@pytest.mark.parametrize("status", [401, 403])
def test_missing_permissions_may_be_granted(status: int) -> None:
    with (
        serving(lambda _: error(status, "Permission denied")) as server,
        pytest.raises(FilesRefusedError, match="Permission denied") as refused,
    ):
        assert VersionFiles(TrackingServerStore(server.url, "1/m")).sizes
    assert refused.value.may_pass


def test_a_server_that_does_not_answer_is_not_quoted() -> None:
    """The HTTP library's messages can quote headers."""
    with serving(lambda _: listing()) as server:
        pass

    with pytest.raises(RegistryUnavailableError) as unavailable:
        assert VersionFiles(TrackingServerStore(server.url, "1/m")).sizes
    assert "MLflow does not answer." == str(unavailable.value)


def test_a_file_without_end_is_read_to_its_bound_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever size the server says that it has."""
    monkeypatch.setattr(artifacts, "MAX_MODEL_BYTES", 20_000_000)
    names = {"path": "MLmodel", "is_dir": False, "file_size": "10"}

    def reply(asked: Asked) -> Reply:
        return listing(names) if asked.path == ARTIFACTS else Reply(chunks=repeat(b"x" * 65_536))

    with serving(reply) as server:
        files = VersionFiles(TrackingServerStore(server.url, "1/m"))
        with pytest.raises(FilesRefusedError, match="larger than 4 MiB"):
            files.text("MLmodel")
        with pytest.raises(FilesRefusedError, match="can be packaged"):
            files.download(tmp_path / "to")
    assert server.sent_bytes < 60_000_000


def test_folders_without_end_are_not_followed() -> None:
    with serving(lambda _: listing({"path": "in", "is_dir": True})) as server:
        files = VersionFiles(TrackingServerStore(server.url, "1/m"))
        with pytest.raises(FilesRefusedError, match="200 folders"):
            assert files.sizes


def test_a_listing_without_end_is_read_to_its_bound_only() -> None:
    with (
        serving(lambda _: Reply(chunks=repeat(b" " * 65_536))) as server,
        pytest.raises(FilesRefusedError, match="too many files"),
    ):
        assert VersionFiles(TrackingServerStore(server.url, "1/m")).sizes


def test_more_files_than_a_model_has_are_refused() -> None:
    many = FakeArtifactStore({f"part-{number}": "" for number in range(artifacts.MAX_FILES + 1)})

    with pytest.raises(FilesRefusedError, match="10,000 files"):
        assert VersionFiles(many).sizes


@pytest.mark.parametrize(
    "path",
    [
        *("../MLmodel", "/etc/passwd", "a/../../b", "..", ".", "", "a//b", "./a", "a/"),
        *("a\x00b", "a\nb", "a\\..\\b", "x" * 1_001, "\u202ea"),
    ],
)
def test_a_file_that_leads_out_of_the_folder_is_refused(path: str, tmp_path: Path) -> None:
    """From wherever the store says that there is one."""
    with pytest.raises(FilesRefusedError, match="name cannot be taken"):
        VersionFiles(FakeArtifactStore({"MLmodel": "", path: "x"})).download(tmp_path / "to")

    assert [tmp_path / "to"] == list(tmp_path.rglob("*"))


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b", "a")])
def test_a_file_that_is_a_folder_too_is_refused(names: tuple[str, str], tmp_path: Path) -> None:
    """Object stores can have both."""
    with pytest.raises(FilesRefusedError, match="a file and a folder"):
        VersionFiles(FakeArtifactStore(dict.fromkeys(names, "x"))).download(tmp_path / "to")


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="artifacts")
        yield client


def test_files_in_a_bucket_are_read_as_they_are(s3: Any, tmp_path: Path) -> None:
    """Keys that only begin alike are another folder's."""
    for key in ("1/m/MLmodel", "1/m/data/a #1", "1/m/data/", "1/m2/other", "1/m"):
        s3.put_object(Bucket="artifacts", Key=key, Body=key.encode())

    files = VersionFiles(BucketStore("artifacts", "1/m"))
    files.download(tmp_path / "to")

    assert {"MLmodel": 11, "data/a #1": 13} == files.sizes
    assert b"1/m/data/a #1" == (tmp_path / "to/data/a #1").read_bytes()


def test_a_bucket_that_is_not_there_is_final(s3: Any) -> None:
    assert s3
    with pytest.raises(FilesRefusedError, match="NoSuchBucket") as refused:
        assert VersionFiles(BucketStore("nowhere", "1/m")).sizes
    assert not refused.value.may_pass


@pytest.mark.parametrize(
    ("code", "expected", "may_pass"),
    [
        ("AccessDenied", FilesRefusedError, True),
        ("NoSuchKey", FilesRefusedError, False),
        ("SlowDown", RegistryUnavailableError, None),
        ("InternalError", RegistryUnavailableError, None),
    ],
)
def test_errors_of_s3_are_final_only_where_they_stay(
    s3: Any, code: str, expected: type[Exception], may_pass: bool | None
) -> None:
    """With S3's own words."""

    class Refusing:
        exceptions = s3.exceptions

        def get_object(self, **_: Any) -> Any:
            answer = {"Error": {"Code": code, "Message": "So says S3."}}
            raise s3.exceptions.ClientError(answer, "GetObject")

    with pytest.raises(expected, match="So says S3") as raised:
        VersionFiles(BucketStore("artifacts", "1/m", client=Refusing())).text("MLmodel")
    assert may_pass == getattr(raised.value, "may_pass", None)
