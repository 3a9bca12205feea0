"""`huggingface_hub` uploads to the stand-in and downloads from it, over HTTP."""

from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd

from tests.local.stand_in_process import StandInProcess

# huggingface_hub 2.4 itself uploads large files in a way that its HTTP library deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")


def test_an_upload_can_be_downloaded_complete(
    server: StandInProcess, repository: Path, tmp_path: Path
) -> None:
    """12.8 MB by LFS, the rest in the commit; the revision has all of it."""
    hub = server.hub()
    info = hub.model_info("alice/doubling")

    folder = hub.snapshot_download("alice/doubling", revision=info.sha, local_dir=tmp_path)

    def content(root: Path) -> dict[str, bytes]:
        files = [path for path in root.rglob("*") if path.is_file() and ".cache" not in path.parts]
        return {str(path.relative_to(root)): path.read_bytes() for path in files}

    assert True is info.private
    downloaded = content(Path(folder))
    assert downloaded.pop(".gitattributes")
    assert content(repository) == downloaded


def test_a_file_uploaded_ahead_is_not_sent_again(server: StandInProcess, repository: Path) -> None:
    """The commit finds it by its digest."""
    hub, puts = server.hub(), "/_standin/requests?method=PUT"
    hub.create_repo("alice/ahead", private=True)
    ahead = [CommitOperationAdd("weights/all.bin", repository / "weights/all.bin")]
    before = server.http.get(puts).json()["count"]

    hub.preupload_lfs_files("alice/ahead", ahead)
    sent = server.http.get(puts).json()["count"]
    hub.upload_folder(repo_id="alice/ahead", folder_path=repository)

    assert before < sent == server.http.get(puts).json()["count"]


def test_the_same_upload_again_is_no_commit(server: StandInProcess, repository: Path) -> None:
    """The revision stays, and no file is sent."""
    hub, puts = server.hub(), "/_standin/requests?method=PUT"
    before, sent = hub.model_info("alice/doubling").sha, server.http.get(puts).json()["count"]

    hub.create_repo("alice/doubling", private=True, exist_ok=True)
    again = hub.upload_folder(repo_id="alice/doubling", folder_path=repository)

    assert before == again.oid
    assert sent == server.http.get(puts).json()["count"]
