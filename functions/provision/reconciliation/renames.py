"""Models that were renamed in MLflow, which reports it by no event. Pure.

A version keeps its number, its time of registration and its tags while its model is renamed, so
the tag that names its deployment leads back to it. A copy has the tags too, but a time of its own.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.identity import deployment_id
from functions.common.deployments.record import Deployment, RequestedBy
from functions.common.deployments.store import ModelState
from functions.provision.reconciliation.changes import KeepUndeployed, Rename
from functions.provision.registry.base import ListedVersion, RegisteredModel
from functions.provision.registry.tags import DEPLOYMENT_ID, is_deployment_of

type States = Mapping[str, ModelState]
type Models = Mapping[str, RegisteredModel]
type _Tagged = Mapping[str, list[tuple[str, ListedVersion]]]


def renames(
    states: States, models: Models, *, installation: str, now: datetime
) -> Iterator[Rename | KeepUndeployed]:
    """Yield what goes over to a model's new name: the live deployment with its endpoint, or an
    operator's request to serve nothing.

    A name whose records cannot all be read is left alone. What an operator has undeployed under the
    new name, once the model had it, is not brought back.
    """
    tagged = _by_deployment(models)
    for state in states.values():
        names = (_new_name(each, tagged, models) for each in _to_follow(state, models))
        new_name = next(filter(None, names), None)
        target = states.get(new_name) if new_name else None
        if new_name is None or (target and (target.live_id or target.unreadable)):
            continue
        there = target.desired if target else None
        if _is_undeployed(there) and _was_requested_since(there, models[new_name]):
            continue
        if state.live is None:
            if state.desired and there is None:
                yield KeepUndeployed(desired=replace(state.desired, model_id=new_name))
        else:
            to = _moved(state.live, new_name, installation=installation, now=now)
            yield Rename(live=state.live, to=to, left=state.desired, expected=there)


def tagged_deployments(model: RegisteredModel | None) -> Iterator[str]:
    """Yield the ids of the deployments that tags of the model's versions name."""
    for version in model.versions if model else ():
        if id_ := version.tags.get(DEPLOYMENT_ID):
            yield id_


def has_version_of(deployment: Deployment, model: RegisteredModel | None) -> bool:
    """Return whether *model* still has the version that *deployment* is of."""
    version = model.version(deployment.model_version) if model else None
    return version is not None and is_deployment_of(deployment, version)


def _to_follow(state: ModelState, models: Models) -> Sequence[Deployment]:
    """Return the deployments that show under which name *state* goes on, if it does."""
    if state.unreadable:
        return ()
    if state.live:
        return (state.live,)
    is_left = _is_undeployed(state.desired) and state.model_id not in models
    return state.deployments if is_left else ()


def _by_deployment(models: Models) -> _Tagged:
    found: dict[str, list[tuple[str, ListedVersion]]] = defaultdict(list)
    for name, model in models.items():
        for version in model.versions:
            if id_ := version.tags.get(DEPLOYMENT_ID):
                found[id_].append((name, version))
    return found


def _new_name(deployment: Deployment, tagged: _Tagged, models: Models) -> str | None:
    """Return the name under which the deployment's version goes on; None when it has none."""
    if deployment.registered_at is None or has_version_of(
        deployment, models.get(deployment.model_id)
    ):
        return None
    # The second one where the tags could not be written after an earlier rename.
    ids = (deployment.id, deployment.endpoint_deployment_id)
    versions = (each for id_ in ids for each in tagged.get(id_, ()))
    return next((name for name, each in versions if is_deployment_of(deployment, each)), None)


def _is_undeployed(desired: DesiredDeployment | None) -> bool:
    """Return whether an operator wants nothing to be served."""
    return (
        desired is not None
        and desired.origin is RequestedBy.OPERATOR
        and desired.deployment_id is None
    )


def _was_requested_since(desired: DesiredDeployment | None, model: RegisteredModel) -> bool:
    """Return whether *desired* is newer than any change of *model*, its last renaming included."""
    if desired is None or model.updated_at is None:
        return False
    return desired.requested_at > model.updated_at


def _moved(live: Deployment, name: str, *, installation: str, now: datetime) -> Deployment:
    """Return the deployment that goes on with the endpoint of *live* under *name*.

    Its attempt is the next one, so that a model that gets its first name back has a new id.
    """
    attempt = live.attempt + 1
    id_ = deployment_id(
        name, live.model_version, live.requested_at, attempt=attempt, installation=installation
    )
    return replace(
        live,
        id=id_,
        model_id=name,
        attempt=attempt,
        run=1,
        created_at=now,
        updated_at=now,
        execution_arn=None,
        endpoint=replace(live.endpoint, adopted_from=live.endpoint_deployment_id),
        announced=None,
        replaced_id=None,
        timeline=live.timeline_with("rename", f"renamed from `{live.model_id}`", at=now),
    )
