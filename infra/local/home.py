"""A home folder elsewhere, for programs that would leave their files in the user's."""

import os
from pathlib import Path


def away_from_home(folder: Path) -> dict[str, str]:
    """Return the environment variables that make *folder* the home.

    aws-cdk-lib keeps a cache in `~/.cdk` and has no setting for it, and jsii unpacks it under the
    cache folder. uv still finds its configuration, cache and credentials in the real home.
    """
    home = Path.home()
    return {
        "HOME": str(folder),
        "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(folder / "jsii"),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(home / ".cache")),
        "XDG_CONFIG_HOME": os.environ.get("XDG_CONFIG_HOME", str(home / ".config")),
        "PYENV_ROOT": os.environ.get("PYENV_ROOT", str(home / ".pyenv")),
        "NETRC": os.environ.get("NETRC", str(home / ".netrc")),
    }
