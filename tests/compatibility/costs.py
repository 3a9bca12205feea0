"""What a live deployment has cost: time, downloads, disk and memory."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import httpx

from infra.local.system import LocalSystem
from tests.compatibility.serving_process import ServingProcess

MB = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Figures of one deployment.

    Attributes:
        seconds: From the request to deploy until it served.
        download_mb: Size of the files that its lock names.
        installed_mb: Size of the installed packages.
        memory_mb: Resident memory of the process that serves, after a prediction.
    """

    seconds: float
    download_mb: float
    installed_mb: float
    memory_mb: float

    @classmethod
    def of(cls, system: LocalSystem, deployment: dict[str, Any]) -> Self:
        """Measure a live *deployment*, as the API shows it."""
        process = ServingProcess.of(system, deployment["id"])
        live = {entry["step"]: entry["time"] for entry in deployment["timeline"]}["activate"]
        took = datetime.fromisoformat(live) - datetime.fromisoformat(deployment["requested_at"])
        return cls(
            seconds=took.total_seconds(),
            download_mb=_download_bytes(process.lock) / MB,
            installed_mb=process.installed_bytes / MB,
            memory_mb=process.memory_bytes / MB,
        )

    def __str__(self) -> str:
        return (
            f"{self.seconds:.0f} s, {self.download_mb:.0f} MB to download, "
            f"{self.installed_mb:.0f} MB installed, {self.memory_mb:.0f} MB of memory"
        )


def _download_bytes(lock: str) -> int:
    """Return the size of all files that *lock* names, as their server says it."""
    urls = [line.split()[2] for line in lock.splitlines() if " @ https://" in line]
    assert urls
    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda url: client.head(url).raise_for_status(), urls)
        return sum(int(answer.headers["Content-Length"]) for answer in answers)
