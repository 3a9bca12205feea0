"""Flags of the CDK that keep old behaviour unless cdk.json sets them."""

import json
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import aws_cdk

from infra.environments import LOCAL, PRODUCTION
from tests.infra.synthesized import Synthesized, synthesize

PARTITIONS = "@aws-cdk/core:target-partitions"
"""Names the partitions in which the stack is deployed, so its value is ours."""


def recommended_flags() -> dict[str, Any]:
    """Return the flags that `cdk init` writes for a new project, from the CDK's own package."""
    (archive,) = (Path(aws_cdk.__file__).parent / "_jsii").glob("aws-cdk-lib@*.tgz")
    with tarfile.open(archive) as package:
        member = package.extractfile("package/recommended-feature-flags.json")
        assert member is not None
        return dict(json.load(member))


def deployment(stack: Synthesized) -> str:
    """Return the logical id of the deployment that the stage serves."""
    (id_,) = (id_ for id_, _ in stack.all("AWS::ApiGateway::Deployment"))
    assert {"Ref": id_} == stack.only("AWS::ApiGateway::Stage")["DeploymentId"]
    return id_


def test_a_change_of_the_authorizer_reaches_the_stage(local: Synthesized, tmp_path: Path):
    """It serves a snapshot of the API, and only another logical id makes a new snapshot.

    Source: https://github.com/aws/aws-cdk/issues/16554
    """
    other = replace(LOCAL, authorizer_cache_s=LOCAL.authorizer_cache_s + 1)

    assert deployment(local) != deployment(synthesize(other, tmp_path))


def test_every_recommended_flag_that_matters_is_set(production: Synthesized, tmp_path: Path):
    """The template is the one of a project with all recommended flags."""
    flags = recommended_flags()
    del flags[PARTITIONS]

    with_all = synthesize(PRODUCTION, tmp_path, **flags)

    assert production.template["Resources"] == with_all.template["Resources"]
