"""Models whose files MLflow keeps in S3: who may read them, and what happens without the setting.

The deployed workflow runs here with its own tasks, a bucket of moto's, and a provider in memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest

from functions.common.deployments.record import Deployment, Status
from functions.common.providers.base import EndpointState
from functions.provision.bootstrap import bootstrap
from functions.provision.names import endpoint_name
from functions.provision.ports import ProvisionPorts
from functions.provision.settings import ProvisionSettings
from infra.environments import PRODUCTION
from infra.workflow_tasks import TASKS
from tests.builders import a_deployment
from tests.fakes.deployment_store import FakeDeploymentStore
from tests.fakes.endpoint_control import FakeEndpointControl
from tests.fakes.endpoint_logs import FakeKeptLogs
from tests.fakes.inference_client import FakeInferenceClient
from tests.fakes.ledger import FakeLedger
from tests.fakes.provider import InMemoryProvider
from tests.fakes.serving_state import a_serving_state
from tests.fakes.tallies import FakeTallyStore
from tests.infra.synthesized import synthesize, template_of
from tests.infra.workflow_run import definition, run
from tests.rights.bucket_model import BUCKET, MODEL, model_in_bucket, registry_in
from tests.rights.recording import Call, recorded
from tests.rights.template import Template
from tests.rights.verdict import Verdict

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
KEY = "arn:aws:kms:us-east-1:000000000000:key/made-up"
BUCKET_ARN, OBJECTS = f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/"
PENDING = a_deployment(model_id=MODEL, model_version="1", status=Status.PENDING)
NAME = endpoint_name(MODEL, PENDING.id)


@cache
def with_bucket() -> Template:
    """Production with an encrypted bucket."""
    environment = replace(PRODUCTION, artifact_bucket=BUCKET, artifact_key_arn=KEY)
    return Template(synthesize(environment, Path(mkdtemp())).template)


@dataclass
class Workflow:
    """The workflow's tasks over an MLflow in *folder*; *bucket* is the setting.

    Attributes:
        calls: What each task called of AWS.
    """

    folder: Path
    bucket: str
    store: FakeDeploymentStore = field(default_factory=lambda: FakeDeploymentStore(PENDING))
    control: FakeEndpointControl = field(default_factory=FakeEndpointControl)
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        provider = InMemoryProvider(control=self.control, inference=FakeInferenceClient([0]))
        ports = ProvisionPorts(
            tallies=FakeTallyStore,
            serving_state=a_serving_state,
            deployments=self.store,
            kept_logs=FakeKeptLogs(),
            ledger=FakeLedger(),
            provider=provider,
            registry=partial(registry_in, self.folder, bucket=self.bucket),
        )
        self.tasks = bootstrap(ports, ProvisionSettings(table_name="t", installation="i"))

    def run(self) -> Deployment:
        """Run the state machine of production; return the record."""
        tasks: dict[str, Any] = {name: partial(self._task, name) for name in TASKS}
        tasks["reconcile"] = lambda _state: {}
        machine = definition(template_of("production"))
        run(machine, tasks, model_id=MODEL, deployment_id=PENDING.id)
        return self.store.deployments[PENDING.id]

    def _task(self, name: str, state: Mapping[str, Any]) -> dict[str, Any]:
        if name == "check":
            self.control.become(NAME, EndpointState.RUNNING, url="https://x.example")
        with recorded(TASKS[name].name) as calls:
            result: dict[str, Any] = self.tasks.run(name, dict(state))
        self.calls += calls
        return result


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folder of an MLflow that has the model."""
    folder = tmp_path_factory.mktemp("mlflow")
    with model_in_bucket(folder):
        yield folder


@pytest.fixture(scope="module")
def calls(mlflow: Path) -> list[Call]:
    """What the tasks call of S3 on the way to a live deployment."""
    workflow = Workflow(mlflow, BUCKET)
    record = workflow.run()
    assert (Status.DEPLOYED, None) == (record.status, record.reason)
    return workflow.calls


def of_bucket(sentences: list[str]) -> list[str]:
    """Return the sentences about S3 and KMS."""
    return [sentence for sentence in sentences if " s3:" in sentence or " kms:" in sentence]


def test_a_model_goes_live_with_the_setting_and_the_rights(calls: list[Call]):
    """Who reads files may list the bucket, read its objects and decrypt them, and nobody else."""
    verdict = Verdict(with_bucket(), calls, bucket_key=KEY)

    assert {"Validate", "Package"} == {call.caller for call in calls}
    assert [] == verdict.missing
    assert [] == of_bucket(verdict.unused_by_functions)


def test_without_the_rights_what_is_missing_is_named(calls: list[Call]):
    """As on the first AWS account, where no role could read the bucket."""
    missing = Verdict(Template(template_of("production").template), calls, bucket_key=KEY).missing

    for function in ("Validate", "Package"):
        assert f"{function} may not s3:ListBucket on {BUCKET_ARN}" in missing
        assert f"{function} may not s3:GetObject on {OBJECTS}1/m/MLmodel" in missing
        assert f"{function} may not kms:Decrypt on {KEY}" in missing
    assert set(of_bucket(missing)) == set(missing)


def test_without_the_setting_the_deployment_fails_with_what_to_do(mlflow: Path):
    """One sentence, and not a call of the bucket."""
    workflow = Workflow(mlflow, bucket="")
    record = workflow.run()

    assert Status.FAILED is record.status
    assert record.reason == (
        "The version's files are in the S3 bucket artifacts; this service may read no bucket: "
        "deploy it with -c artifact_bucket=artifacts, or have MLflow serve its artifacts itself."
    )
    assert [] == workflow.calls
