"""In-memory `DeploymentHistory`; tests/contract runs the same tests on DynamoDB."""

from dataclasses import replace

from functions.common.deployments.history import DeploymentPage
from functions.common.deployments.history_index import position_of
from functions.common.deployments.record import (
    Deployment,
    EndpointRecord,
    ModelContract,
    PackageRecord,
)
from tests.fakes.deployment_store import FakeDeploymentStore


class FakeDeploymentHistory:
    """The deployments of *store*."""

    def __init__(self, store: FakeDeploymentStore) -> None:
        self._store = store

    def page(self, model_id: str, *, limit: int, after: str | None = None) -> DeploymentPage:
        self._store.state(model_id)  # fails as the store does
        kept = {
            position_of(each): each
            for each in self._store.deployments.values()
            if each.model_id == model_id
        }
        following = sorted((each for each in kept if not after or each < after), reverse=True)
        found = following[:limit]
        return DeploymentPage(
            deployments=tuple(
                _as_listed(kept[each])
                for each in found
                if kept[each].id not in self._store.unreadable
            ),
            next_after=found[-1] if len(following) > limit else None,
        )


def _as_listed(deployment: Deployment) -> Deployment:
    return replace(
        deployment,
        provider="huggingface",
        run=1,
        registered_at=None,
        execution_arn=None,
        replaced_id=None,
        expiration=None,
        endpoint=EndpointRecord(),
        package=PackageRecord(),
        contract=ModelContract(),
    )
