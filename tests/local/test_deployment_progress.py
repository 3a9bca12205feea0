"""The CDK's output is shown in a few steps while the local system is deployed."""

from infra.local.deployment import progress

OUTPUT = (
    "Environment aws://000000000000/us-east-1 bootstrapped.",
    "Bundling asset HokusModelServing/Functions/Predict/Function/Code/Stage...",
    "WARNING Value 'false' is ignored",
    "Synthesis time: 9.12s",
    "HokusModelServing: success: Published Functions/Predict/Function/Code (000-68831d22)",
    "HokusModelServing | 100/156 | 10:15:08 AM | CREATE_COMPLETE    | AWS::IAM::Role | Role",
    "HokusModelServing | 100/156 | 10:15:08 AM | CREATE_IN_PROGRESS | AWS::IAM::Role | Role",
    "HokusModelServing | 101/156 | 10:15:08 AM | CREATE_COMPLETE    | AWS::IAM::Role | Role",
)


def test_each_step_is_shown_once() -> None:
    """Bundles by the name of their function, resources by every hundredth."""
    shown: list[str] = []
    show = progress(shown.append)

    for line in OUTPUT:
        show(f"{line}\n")

    assert [
        "    account bootstrapped; synthesizing the stack",
        "    building the bundle of Predict",
        "    template written; uploading the bundles",
        "    uploaded the bundle of Predict",
        "    100 of 156 resources",
    ] == shown
