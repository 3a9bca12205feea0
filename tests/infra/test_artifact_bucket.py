"""Rights on the bucket of MLflow's artifacts."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from infra.environments import STAGING
from infra.functions import FUNCTIONS, TASKS
from tests.infra.synthesized import Synthesized, synthesize

BUCKET, KEY = "hokusai-artifacts", "arn:aws:kms:us-east-1:000000000000:key/made-up"
READING = {TASKS["validate"].handler, TASKS["package"].handler}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Synthesized:
    """A stack whose MLflow names a bucket."""
    environment = replace(
        STAGING,
        mlflow_tracking_uri="https://mlflow.example",
        artifact_bucket=BUCKET,
        artifact_key_arn=KEY,
    )
    return synthesize(environment, Path(tmp_path_factory.mktemp("bucket")))


def rights(stack: Synthesized, handler: str) -> dict[str, str]:
    """Return the resources by the actions on S3 and KMS that the function has."""
    found = {}
    for statement in stack.statements(handler):
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            if action.startswith(("s3:", "kms:")):
                found[action] = json.dumps(statement["Resource"])
    return found


def test_who_reads_models_files_may_list_and_read_the_bucket(stack: Synthesized):
    """As MLflow's client does: ListObjectsV2 on the bucket, HeadObject and GetObject below it."""
    for handler in READING:
        found = rights(stack, handler)
        assert {"s3:ListBucket", "s3:GetObject", "kms:Decrypt"} == found.keys()
        assert f':s3:::{BUCKET}"' in found["s3:ListBucket"]
        assert f':s3:::{BUCKET}/*"' in found["s3:GetObject"]
        assert KEY in found["kms:Decrypt"]
        assert BUCKET == stack.variables(handler)["ARTIFACT_BUCKET"]


def test_nobody_else_may_read_it(stack: Synthesized):
    others = [spec.handler for spec in FUNCTIONS if spec.handler not in READING]
    assert not [handler for handler in others if rights(stack, handler)]


def test_without_a_bucket_nobody_has_rights_on_any(production: Synthesized):
    assert not [spec.handler for spec in FUNCTIONS if rights(production, spec.handler)]
