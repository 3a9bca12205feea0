"""Every statement of a template's policies: of roles, of resources, and of Lambda's permissions."""

from collections.abc import Iterator

from infra.emulator import ACCOUNT
from tests.rights.iam import Statement, statements_of
from tests.rights.template import Json, Template

_RESOURCE_POLICIES = (
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SecretsManager::ResourcePolicy",
)


def policies(template: Template) -> list[Statement]:
    """Return every statement of *template*."""
    return [*_of_roles(template), *_of_resources(template), *_of_permissions(template)]


def _of_roles(template: Template) -> Iterator[Statement]:
    for _, policy in template.all("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        roles = [template.arn(role) for role in policy["Roles"]]
        yield from statements_of(policy["PolicyDocument"], principals=roles)
    for id_, role in template.all("AWS::IAM::Role"):
        for policy in role.get("Policies", []):
            yield from statements_of(policy["PolicyDocument"], principals=[template.arn(id_)])


def _of_resources(template: Template) -> Iterator[Statement]:
    with_policy = set()
    for _, policy in template.all(*_RESOURCE_POLICIES):
        with_policy.update(policy.get("Topics", []))
        yield from statements_of(policy.get("PolicyDocument") or policy["ResourcePolicy"])
    for id_, _ in template.all("AWS::SNS::Topic"):
        if template.arn(id_) not in with_policy:
            yield from _default_of_topic(template.arn(id_))


def _default_of_topic(arn: str) -> Iterator[Statement]:
    """A topic without a policy lets its own account publish.

    Source: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
    """
    own = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    yield Statement("Allow", ("*",), ("sns:Publish",), (arn,), own)


def _of_permissions(template: Template) -> Iterator[Statement]:
    for _, permission in template.all("AWS::Lambda::Permission"):
        yield Statement(
            effect="Allow",
            principals=(permission["Principal"],),
            actions=(permission["Action"],),
            resources=(function_arn(template, permission["FunctionName"]),),
            condition=_condition(permission),
        )


def function_arn(template: Template, name: str) -> str:
    """Return the ARN of a function that the template names by its name or its ARN."""
    return name if name.startswith("arn:") else template.arn(name)


def _condition(permission: Json) -> dict[str, dict[str, str]]:
    condition = {}
    if "SourceArn" in permission:
        condition["ArnLike"] = {"aws:SourceArn": permission["SourceArn"]}
    if "SourceAccount" in permission:
        condition["StringEquals"] = {"aws:SourceAccount": permission["SourceAccount"]}
    return condition
