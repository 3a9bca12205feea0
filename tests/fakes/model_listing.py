"""In-memory `ModelListing`; tests/contract runs the same tests on DynamoDB."""

from functions.common.deployments.listing import ListedModel, ModelPage
from functions.common.deployments.record import Status
from functions.common.deployments.store import ModelState
from tests.fakes.deployment_store import FakeDeploymentStore


class FakeModelListing:
    """Lists the models of *store*."""

    def __init__(self, store: FakeDeploymentStore) -> None:
        self._store = store

    def page(self, *, limit: int, after: str | None = None) -> ModelPage:
        states = [state for state in self._store.states() if state.desired]
        states.sort(key=lambda state: state.model_id.encode())
        behind = [
            each for each in states if after is None or each.model_id.encode() > after.encode()
        ]
        models = tuple(_listed(each) for each in behind[:limit])
        next_after = behind[limit - 1].model_id if len(behind) > limit else None
        return ModelPage(models=models, next_after=next_after)


def _listed(state: ModelState) -> ListedModel:
    desired = state.desired
    assert desired is not None
    if deployment := state.live or state.deployment(desired.deployment_id):
        return ListedModel(
            model_id=state.model_id,
            status=deployment.status,
            model_version=deployment.model_version,
            updated_at=deployment.updated_at,
        )
    return ListedModel(
        model_id=state.model_id,
        status=Status.PENDING if desired.deployment_id else Status.STOPPED,
        model_version=desired.model_version,
        updated_at=desired.requested_at,
    )
