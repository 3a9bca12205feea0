"""Parts of this machine that processes of the stand-in get: uv, its cache and its settings."""

import os
import shutil
import sys
from pathlib import Path

_SETTINGS = ("UV_", "SSL_", "NETRC", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
_CHOOSES_PYTHON = "UV_PYTHON"


def uv_executable() -> Path:
    """Return uv beside our interpreter, else on the PATH. Raises: FileNotFoundError."""
    found = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if found is None:
        raise FileNotFoundError("uv is neither beside the interpreter nor on the PATH")
    return Path(found)


def uv_settings() -> dict[str, str]:
    """Return the variables by which uv reaches this machine's package index and its cache.

    Paths are named, since a container has another home. The image chooses Python.
    """
    config = _folder("XDG_CONFIG_HOME", ".config") / "uv/uv.toml"
    return {
        "UV_CACHE_DIR": str(_folder("XDG_CACHE_HOME", ".cache") / "uv"),
        **({"UV_CONFIG_FILE": str(config)} if config.is_file() else {}),
        **{
            name: value
            for name, value in os.environ.items()
            if name.upper().startswith(_SETTINGS) and not name.startswith(_CHOOSES_PYTHON)
        },
    }


def _folder(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or Path.home() / default)
