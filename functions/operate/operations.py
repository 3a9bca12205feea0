"""Deploy, undeploy, redrive, reconcile: the operations that operators request."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from functions.common.api.addresses import deployment_url
from functions.common.api.gateway_event import is_possible_name
from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.reconciliation import (
    Reconciliation,
    ReconciliationError,
    ReconciliationRunningError,
)
from functions.common.deployments.record import RequestedBy, Status, utc_now
from functions.common.deployments.requests import DeploymentRequests, DeployRequest
from functions.common.deployments.store import DeploymentStore
from functions.common.errors import (
    InvalidRequestError,
    ModelNotFoundError,
    NotFoundError,
    ServiceError,
)

_VERSION = re.compile(r"[1-9][0-9]{0,9}")
_TICK = timedelta(microseconds=1)
"""Resolution of a request's stored time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An accepted request: the record and the execution of its deployment exist."""

    model_id: str
    model_version: str
    deployment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operations:
    """Deploy, undeploy, redrive and reconcile models.

    An operator's request replaces the registry's, until the registry has a newer one.

    Attributes:
        api_url: Base of the API, without a slash at the end.
    """

    store: DeploymentStore
    requests: DeploymentRequests
    reconciliation: Reconciliation
    api_url: str
    now: Callable[[], datetime] = utc_now

    def deploy(
        self,
        model_id: str,
        model_version: str,
        *,
        user_id: str | None,
        allow_breaking: bool = False,
    ) -> Accepted:
        """Deploy a version: a new one, the live one afresh, or an earlier one, as *user_id* asks.

        The workflow finds out whether MLflow knows it, and whether it breaks callers of the live
        one, which it must be allowed to.
        """
        request = DeployRequest(
            model_id=model_id,
            model_version=model_version,
            requested_at=self._request_time(self.store.desired(model_id)),
            origin=RequestedBy.OPERATOR,
            user_id=user_id,
            allow_breaking=allow_breaking,
        )
        return Accepted(
            model_id=model_id,
            model_version=model_version,
            deployment_id=self.requests.submit(request),
        )

    def address(self, accepted: Accepted) -> str:
        """Return the address of the accepted deployment."""
        return deployment_url(self.api_url, accepted.model_id, accepted.deployment_id)

    def undeploy(self, model_id: str, *, user_id: str | None) -> None:
        """Undeploy the model, until an operator or the registry has a newer request.

        Raises: ModelNotFoundError (it never had a deployment).
        """
        if not self.store.state(model_id).deployments:
            raise ModelNotFoundError("No model of this name has been registered for deployment.")
        while True:
            current = self.store.desired(model_id)
            undeployed = DesiredDeployment(
                model_id=model_id,
                deployment_id=None,
                model_version=None,
                requested_at=self._request_time(current),
                origin=RequestedBy.OPERATOR,
                user_id=user_id,
            )
            if self.store.set_desired(undeployed, expected=current):
                break
        self.reconciliation.request(model_id)

    def redrive(self, model_id: str, deployment_id: str, *, user_id: str | None) -> Accepted:
        """Deploy the version of a failed deployment again.

        Raises: NotFoundError, InvalidRequestError (it has not failed).
        """
        deployment = self.store.state(model_id).deployment(deployment_id)
        if deployment is None:
            raise NotFoundError("The model has no deployment of this id.")
        if deployment.status is not Status.FAILED:
            raise InvalidRequestError(
                f"Only a failed deployment can be tried again; this one is {deployment.status}."
            )
        return self.deploy(
            model_id,
            deployment.model_version,
            user_id=user_id,
            allow_breaking=bool(deployment.allow_breaking),
        )

    def reconcile(self, model_id: str, *, dry_run: bool) -> dict[str, Any] | None:
        """Return the report of a reconciliation (see `Reconciliation.run`); None while it runs.

        Raises: ServiceError (it failed).
        """
        try:
            return self.reconciliation.run(model_id, dry_run=dry_run)
        except ReconciliationRunningError:
            return None
        except ReconciliationError as error:
            raise ServiceError("The reconciliation failed; see the log.") from error

    def _request_time(self, current: DesiredDeployment | None) -> datetime:
        """Return now, but later than *current*: MLflow's clock may be ahead of ours."""
        return max(self.now(), current.requested_at + _TICK) if current else self.now()


def checked_name(model_id: str) -> str:
    """Return *model_id* if a model in MLflow can have this name.

    Raises: InvalidRequestError.
    """
    if not is_possible_name(model_id):
        raise InvalidRequestError("No registered model can have this name.")
    return model_id


def requested_version(body: Mapping[str, Any]) -> tuple[str, bool]:
    """Return the version in *body*, `{"model_version": "3"}` or `{"model_version": 3}`, and
    whether it may break callers: `allow_breaking`, false when absent.

    Raises: InvalidRequestError.
    """
    match {"allow_breaking": False, **body}:
        case {
            "model_version": str() | int() as version,
            "allow_breaking": bool() as allowed,
            **others,
        } if not others and _VERSION.fullmatch(str(version)):
            return str(version), allowed
    raise InvalidRequestError(
        'The body must be {"model_version": "<number of a version>"}, with "allow_breaking": true '
        "beside it where callers may be broken, and nothing else."
    )


def requested_dry_run(value: str | None) -> bool:
    """Return the query's `dry_run`, which is `true`, `false` or absent.

    Raises: InvalidRequestError.
    """
    if value not in {None, "true", "false"}:
        raise InvalidRequestError("dry_run is true or false.")
    return value == "true"
