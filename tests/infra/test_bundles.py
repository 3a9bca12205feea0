"""Contents of the bundles, which are really built, and that each can run alone."""

import json
import re
import subprocess
import sys
from hashlib import sha256
from importlib.util import MAGIC_NUMBER, cache_from_source
from itertools import product
from pathlib import Path

import botocore
import pytest
from botocore.session import Session

from infra import packages
from infra.bundling import Bundle, Bundles, build
from infra.function_spec import FunctionSpec
from infra.functions import AUTHORIZER, DESCRIBE, FUNCTIONS, MLFLOW_HOOK, PREDICT, RECONCILE
from infra.packages import BundlingError, cache_key
from infra.workflow_tasks import TASKS

ROOT = Path(__file__).parents[2]
HEAVY = {"mlflow", "huggingface_hub", "pandas", "numpy", "aws_cdk"}
GROUPS = sorted({spec.bundle.group for spec in FUNCTIONS})

IMPORT_ALONE = """
import sys
sys.path.insert(0, sys.argv[1])
module, _, entry = sys.argv[2].rpartition(".")
assert callable(getattr(__import__(module, fromlist=[entry]), entry))
print(*sys.modules)
"""

type Built = dict[Bundle, Path]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build every bundle for this machine."""
    folders = {spec.bundle: tmp_path_factory.mktemp(spec.bundle.group) for spec in FUNCTIONS}
    for bundle, folder in folders.items():
        build(bundle, folder, platform=None)
    return folders


def imported_alone(bundle: Path, handler: str) -> set[str]:
    """Return the modules that importing *handler* loads, with only *bundle* on the path."""
    command = [sys.executable, "-I", "-S", "-B", "-c", IMPORT_ALONE, str(bundle), handler]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert 0 == process.returncode, process.stderr
    return set(process.stdout.split())


@pytest.mark.parametrize("spec", FUNCTIONS, ids=lambda spec: spec.name)
def test_handler_can_be_imported_from_its_bundle_alone(built: Built, spec: FunctionSpec):
    """No package is missing from the function's dependency group."""
    imported_alone(built[spec.bundle], spec.handler)


def test_predict_has_no_heavy_package(built: Built):
    """Its bundle has no mlflow, no huggingface_hub, no pandas."""
    folder = built[PREDICT.bundle]

    assert set() == HEAVY & {path.name for path in folder.iterdir()}
    assert set() == HEAVY & imported_alone(folder, PREDICT.handler)


@pytest.mark.parametrize(
    ("spec", "absent"),
    [
        (AUTHORIZER, {"botocore", "boto3", "httpx", "pydantic", "pydantic_core", "asyncio"}),
        (
            PREDICT,
            {
                "boto3",
                "s3transfer",
                "httpx",
                "pydantic",
                "pydantic_core",
                "asyncio",
                "aws_lambda_powertools.event_handler",
            },
        ),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_what_callers_wait_for_imports_little(built: Built, spec: FunctionSpec, absent: set[str]):
    """A first call pays for every import."""
    assert set() == absent & imported_alone(built[spec.bundle], spec.handler)


def test_every_module_has_byte_code_that_is_used_whatever_its_time(built: Built):
    """A function cannot write its own; times of files get lost on the way to Lambda.

    Its magic number is that of every 3.13. Source: importlib.util.MAGIC_NUMBER, PEP 552.
    """
    for folder in built.values():
        for module in folder.rglob("*.py"):
            head = Path(cache_from_source(module)).read_bytes()[:8]
            assert (MAGIC_NUMBER, b"\x01\0\0\0") == (head[:4], head[4:]), module


def test_the_installed_packages_are_left_as_they_are(built: Built):
    """A bundle's files are links to them, as far as they are not changed."""
    own = Path(botocore.__file__).parent / "data/endpoints.json"
    bundled = built[PREDICT.bundle] / "botocore/data/endpoints.json"

    assert {"sns", "lambda"} < json.loads(own.read_text())["partitions"][0]["services"].keys()
    assert own.stat().st_size > 2 * bundled.stat().st_size


def test_aws_is_found_where_botocore_finds_it(built: Built):
    """The bundle's description of regions is shorter than botocore's own."""
    regions = ("us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1", "eu-isoe-west-1")
    own, bundled = Session(), Session()
    bundled.get_component("data_loader").search_paths[:] = [
        str(built[PREDICT.bundle] / "botocore/data")
    ]
    for region, service in product(regions, packages.AWS_SERVICES):
        found, expected = (
            session.create_client(service, region_name=region).meta.endpoint_url
            for session in (bundled, own)
        )
        assert expected == found


def test_only_the_reconciler_can_publish_events(built: Built):
    """botocore's description of EventBridge is in no other bundle."""
    having = {each for each, folder in built.items() if (folder / "botocore/data/events").is_dir()}

    assert {RECONCILE.bundle} == having


@pytest.mark.parametrize("package", ["jsonschema_rs", "msgspec"])
def test_functions_that_check_bodies_have_what_they_need(built: Built, package: str):
    """It is imported at the first check, or for the first large body, so the import tests above do
    not cover it."""
    for spec in (PREDICT, TASKS["verify"]):
        assert (built[spec.bundle] / package).is_dir()


@pytest.mark.parametrize("spec", FUNCTIONS, ids=lambda spec: spec.name)
def test_bundle_has_its_own_function_only(built: Built, spec: FunctionSpec):
    """Besides packages it has `common` and one function's folder."""
    names = {path.name for path in (built[spec.bundle] / "functions").iterdir()}

    assert {"__init__.py", "common", spec.handler.split(".")[1]} == names - {"__pycache__"}


@pytest.mark.parametrize("task", ["validate", "package"])
def test_tasks_that_resolve_packages_have_uv(built: Built, task: str):
    """The program itself, found as in a function and executable."""
    folder = built[TASKS[task].bundle]
    find = "import sys; sys.path.insert(0, sys.argv[1]); import uv; print(uv.find_uv_bin())"
    found = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", find, str(folder)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()

    assert ["uv"] == [path.name for path in (folder / "bin").iterdir()]
    # An interpreter with a uv of its own, as that of the tests, finds that one first.
    assert subprocess.run([folder / "bin" / "uv", "--version"], check=True).returncode == 0
    assert Path(found).name == "uv"


def test_bundles_are_smaller_than_lambda_allows(built: Built):
    """250 MB unzipped; see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
    for folder in built.values():
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert sum(path.stat().st_size for path in files) < 250 * 1024**2


def test_the_docs_page_is_in_the_bundle_of_describe(built: Built):
    """Its files are not Python modules and are copied unchanged."""
    page = Path("functions/describe/docs_page/static")
    files = {file.name: file.read_bytes() for file in (ROOT / page).iterdir()}

    assert "page.html" in files
    assert files == {
        file.name: file.read_bytes() for file in (built[DESCRIBE.bundle] / page).iterdir()
    }


def test_building_without_the_cache_gives_the_same_files(built: Built, tmp_path: Path):
    """The asset hash depends on the contents only, so nothing is deployed without a change."""
    again = tmp_path / "bundle"
    build(AUTHORIZER.bundle, again, platform=None, cache=tmp_path / "cache")

    assert _digests(built[AUTHORIZER.bundle]) == _digests(again)


def test_the_cache_key_depends_on_lock_and_platform(tmp_path: Path):
    """A change of either makes a new entry."""
    lock = tmp_path / "some.txt"
    lock.write_text("one==1")
    before = cache_key(lock, platform=None)
    others = {cache_key(lock, platform="aarch64-manylinux_2_28")}
    lock.write_text("one==2")
    others.add(cache_key(lock, platform=None))

    assert 2 == len(others - {before})


def test_functions_of_a_bundle_share_one_asset():
    """The six tasks with one bundle need one upload."""
    bundles = Bundles(platform=None)

    assert bundles.code(PREDICT.bundle) is bundles.code(PREDICT.bundle)


@pytest.mark.parametrize("group", GROUPS)
def test_bundles_have_the_tested_versions(group: str):
    """A bundle's lock has the versions of the tests' lock."""
    tested, shipped = _versions("dev"), _versions(group)

    assert {name: tested.get(name) for name in shipped} == shipped


@pytest.mark.parametrize(
    "lock", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda p: p.stem
)
def test_lock_has_no_index_url(lock: Path):
    """The package index is a setting of the machine."""
    assert "://" not in lock.read_text()


def test_missing_uv_is_an_error_with_advice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The message has the command that installs it."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(BundlingError, match="make setup"):
        build(PREDICT.bundle, tmp_path / "bundle", platform=None, cache=tmp_path / "cache")


def test_missing_lock_is_named(tmp_path: Path):
    """The error has the file's name."""
    with pytest.raises(BundlingError, match=r"requirements/no-such\.txt"):
        build(Bundle("no-such", "predict"), tmp_path, platform=None)


def test_a_service_that_botocore_lacks_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The build fails, not the function; the cache keeps no partial entry."""
    monkeypatch.setattr(packages, "AWS_SERVICES", ("dynamodb", "no-such"))

    with pytest.raises(BundlingError, match="no service named no-such"):
        build(MLFLOW_HOOK.bundle, tmp_path / "bundle", platform=None, cache=tmp_path / "cache")

    assert [] == list((tmp_path / "cache").iterdir())


def _digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest()
        for path in files
        if "__pycache__" not in path.parts
    }


def _versions(group: str) -> dict[str, str]:
    lock = (ROOT / "requirements" / f"{group}.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", lock, flags=re.MULTILINE))
