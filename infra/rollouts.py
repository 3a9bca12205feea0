"""The ways in which callers of predict get to a new version.

They are CodeDeploy's own configurations without their prefix; `AllAtOnce` does without CodeDeploy.

https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
"""

ALL_AT_ONCE = "AllAtOnce"
GRADUAL = (
    *(f"Canary10Percent{minutes}Minutes" for minutes in (5, 10, 15, 30)),
    "Linear10PercentEvery1Minute",
    *(f"Linear10PercentEvery{minutes}Minutes" for minutes in (2, 3, 10)),
)
ROLLOUTS = (ALL_AT_ONCE, *GRADUAL)


def codedeploy_name(rollout: str) -> str:
    """Return the name of CodeDeploy's configuration."""
    return f"CodeDeployDefault.Lambda{rollout}"
