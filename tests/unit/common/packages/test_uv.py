"""The process of uv: what it gets from us, and where it asks."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from functions.common.packages import uv
from functions.common.packages.model_packages import PackageIndexUnavailableError
from functions.common.packages.resolution import Resolution
from functions.common.packages.uv import Uv
from tests.unit.common.packages.local_index import LocalIndex

NUMPY = Resolution(python="3.11", requirements=["numpy"])


def test_nothing_of_the_machine_counts(
    index: LocalIndex, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No variable, no configuration of uv's, no credentials: another index is not asked."""
    (tmp_path / "uv").mkdir()
    (tmp_path / "uv" / "uv.toml").write_text('index-url = "http://127.0.0.1:9"\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/var/lang/lib")
    monkeypatch.chdir(tmp_path)

    assert "numpy" in Uv(index_url=index.url).resolve(NUMPY)
    assert not {"AWS_SECRET_ACCESS_KEY", "HOME"} & uv.environment().keys()
    assert "/var/lang/lib" == uv.environment()["LD_LIBRARY_PATH"]


def test_an_index_that_is_silent_is_asked_again_later() -> None:
    """The time is bounded: the function has to end."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(PackageIndexUnavailableError, match=r"within 0\.5 s"):
            Uv(index_url=url, timeout_s=0.5).resolve(NUMPY)


def test_a_cache_is_deleted_when_the_disk_is_full(
    index: LocalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The functions share one small disk with other calls."""
    resolver = Uv(index_url=index.url)
    resolver.resolve(NUMPY)
    cache = Path(uv.environment()["UV_CACHE_DIR"])
    assert any(cache.iterdir())

    monkeypatch.setattr(uv, "_FREE_BYTES", 2**63)

    uv.environment()
    assert not cache.exists()
    assert "numpy" in resolver.resolve(NUMPY)


@contextmanager
def proxy(asked: list[str]) -> Iterator[str]:
    """Run a proxy that notes which servers it is asked for, and refuses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(1000).decode().split()[1])
                    connection.sendall(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=refuse, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.slow
def test_torch_comes_from_its_index_for_cpus(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other index has builds of gigabytes for GPUs."""
    asked: list[str] = []
    with proxy(asked) as address:
        monkeypatch.setenv("HTTPS_PROXY", address)
        with pytest.raises(PackageIndexUnavailableError):
            Uv().resolve(Resolution(python="3.11", requirements=["torch==2.5.1"]))

    assert {"download.pytorch.org:443"} == set(asked)
