"""`make undeploy-all` takes the local system down; it runs last, since nothing serves afterwards.

Given a model that serves and one whose deployment has just begun, when an operator undeploys all,
then no endpoint of this installation is left at Hugging Face, and MLflow has no webhook.
"""

import pytest

from functions.provision.names import installation_tag
from infra.installation import find
from infra.local.deployment import aws_environment
from infra.local.system import LocalSystem
from infra.undeploy_all import undeploy_all
from tests.e2e.support.followed_models import Registry
from tests.e2e.support.provider_console import ProviderConsole

pytestmark = pytest.mark.at_the_end


@pytest.mark.usefixtures("live")
def test_nothing_is_left(
    system: LocalSystem,
    registry: Registry,
    provider: ProviderConsole,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is repeated until Hugging Face has deleted everything."""
    for name, value in aws_environment(system.aws_url).items():
        monkeypatch.setenv(name, value)
    registry.register("begun")
    installation = find("local", local_state=system.state)
    tag = installation_tag(installation.variables("ReconcileFunction")["INSTALLATION"])
    assert provider.tagged(tag)
    lines: list[str] = []

    assert undeploy_all(installation, lines.append, settle_s=0, poll_s=1), lines

    assert [] == provider.tagged(tag)
    assert [] == registry.mlflow.list_webhooks()
