"""A bundle is unpacked once on the local system, however many processes run it."""

import subprocess
from pathlib import Path
from zipfile import ZipFile

from infra.local.parts import ROOT

UNPACK = """
import sys
from pathlib import Path
from ministack_process import UnpackedOnce

UnpackedOnce.folder = Path(sys.argv[1])
for bundle, target in zip(sys.argv[2::2], sys.argv[3::2]):
    Path(target).mkdir()
    with UnpackedOnce(bundle) as opened:
        opened.extractall(target)
"""


def a_bundle(path: Path, text: str) -> str:
    with ZipFile(path, "w") as bundle:
        bundle.writestr("functions/handler.py", text)
    return str(path)


def test_processes_share_the_files_of_equal_bundles(tmp_path: Path) -> None:
    """Each has its own folder of that name, and no copy of the bundle stays."""
    bundles = [a_bundle(tmp_path / f"{at}.zip", text) for at, text in enumerate(("1", "1", "2"))]
    targets = [tmp_path / name for name in ("first", "again", "other")]
    named = [each for pair in zip(bundles, map(str, targets), strict=True) for each in pair]
    python = str(ROOT / ".venv-ministack/bin/python")

    subprocess.run(
        [python, "-c", UNPACK, str(tmp_path / "shared"), *named],
        cwd=ROOT / "infra/local",
        check=True,
    )

    assert ["1", "1", "2"] == [(each / "functions/handler.py").read_text() for each in targets]
    assert targets[0].resolve() == targets[1].resolve() != targets[2].resolve()
    assert [] == list(tmp_path.glob("*.zip"))
