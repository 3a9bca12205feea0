"""The cores of the host, which a container sees beside the few that it may use.

Seen 96 on a machine with 23 virtual CPUs. Of Python with `-I` or `-E`, and of programs that are
neither Python nor `nproc`, the cores of this machine are seen.
"""

from pathlib import Path

_MANY_CORES = Path(__file__).with_name("many_cores")
_NPROC = """#!/bin/sh
# Like that of coreutils, which prefers this variable.
echo "${{OMP_NUM_THREADS:-{cores}}}"
"""


def show_cores(cores: int, programs: Path) -> dict[str, str]:
    """Return the variables by which Python sees *cores*; *programs*, on the PATH, gets an nproc."""
    nproc = programs / "nproc"
    nproc.write_text(_NPROC.format(cores=cores))
    nproc.chmod(0o755)
    return {"PYTHONPATH": str(_MANY_CORES), "HOST_CORES": str(cores)}
