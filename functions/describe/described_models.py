"""Reads what is shown of a model: each call a bounded number of items, however long its history."""

from functions.common.deployments.history import DeploymentHistory, DeploymentPage
from functions.common.deployments.history_index import is_position
from functions.common.deployments.identity import is_id
from functions.common.deployments.record import Deployment
from functions.common.deployments.store import DeploymentStore
from functions.common.errors import ModelNotFoundError, NotFoundError
from functions.describe.paging import page_size, place_before

DEFAULT_LIMIT = 20
_CANDIDATES = 10
"""The newest of so many that can be read stands for a model of which nothing serves."""


class DescribedModels:
    """Models by name."""

    def __init__(self, store: DeploymentStore, history: DeploymentHistory) -> None:
        self._store = store
        self._history = history

    def model(self, model_id: str) -> Deployment:
        """Return the deployment that stands for the model: the serving one, or else the newest.

        Its version, schemas and example are the model's.

        Raises: ModelNotFoundError (there are no deployments), UnreadableRecordError.
        """
        found = self._store.live(model_id) or self._newest(model_id)
        if found is None:
            raise ModelNotFoundError("No model of this name has been registered for deployment.")
        return found

    def page(self, model_id: str, *, limit: str | None, cursor: str | None) -> DeploymentPage:
        """Return the page of *cursor*, or the first; *limit* and *cursor* are the query's texts.

        Raises: InvalidRequestError.
        """
        after = None if cursor is None else place_before(cursor, is_place=is_position)
        size = page_size(limit, default=DEFAULT_LIMIT)
        return self._history.page(model_id, limit=size, after=after)

    def deployment(self, model_id: str, deployment_id: str) -> Deployment:
        """Return a deployment, as it is now.

        Raises: NotFoundError, UnreadableRecordError.
        """
        # Other sort keys than UUIDs are not deployments.
        found = self._store.get(model_id, deployment_id) if is_id(deployment_id) else None
        if found is None:
            raise NotFoundError("The model has no deployment of this id.")
        return found

    def _newest(self, model_id: str) -> Deployment | None:
        candidates = self._history.page(model_id, limit=_CANDIDATES).deployments
        return self._store.get(model_id, candidates[0].id) if candidates else None
