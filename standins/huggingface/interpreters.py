"""The CPythons of this machine by their minor version ("3.12").

Looked for where they usually are: the one that runs this, the PATH, pyenv's versions, uv's own.
"""

import json
import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_REPORT = """
import json, sys
values = [sys.implementation.name, sys.abiflags, "%d.%d" % sys.version_info[:2]]
print(json.dumps([*values, sys._base_executable]))
"""


@cache
def find_interpreter(minor: str) -> Path | None:
    """Return a CPython of that minor version, outside virtual environments; None: there is none.

    Builds without the global lock, which need other wheels, do not count.
    """
    for candidate in filter(Path.is_file, _candidates(minor)):
        match _report(candidate):
            case ["cpython", "", str(found), str(executable)] if found == minor:
                return Path(executable)
    return None


def _candidates(minor: str) -> Iterator[Path]:
    yield Path(sys.executable)
    for folder in os.get_exec_path():
        yield Path(folder) / f"python{minor}"
    # Not HOME, which tests set to a temporary folder.
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    managed_by_uv = home / ".local/share/uv/python"
    for versions, name in ((pyenv, f"{minor}.*"), (managed_by_uv, f"cpython-{minor}.*")):
        for version in sorted(versions.glob(name)):
            yield version / "bin" / f"python{minor}"


def _report(candidate: Path) -> object:
    """Ask an interpreter what it is; None when it does not run, as pyenv's shims may not."""
    command = [str(candidate), "-I", "-S", "-c", _REPORT]
    answer = subprocess.run(command, capture_output=True, check=False)
    return json.loads(answer.stdout) if answer.returncode == 0 else None
