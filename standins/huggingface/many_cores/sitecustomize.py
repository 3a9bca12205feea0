"""Makes Python see HOST_CORES cores, as a container sees all of its host.

Imported by every Python that has this folder in its PYTHONPATH. Native thread pools (OpenMP, BLAS)
count by system calls that cannot be changed from here: they get the variables that they read first,
with the number that they would have counted, unless these are set.
"""

import os

_count = int(os.environ["HOST_CORES"])
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, str(_count))
os.cpu_count = lambda: _count
for _name, _counted in (
    ("process_cpu_count", lambda: _count),
    ("sched_getaffinity", lambda _pid: set(range(_count))),
):
    if hasattr(os, _name):
        setattr(os, _name, _counted)
