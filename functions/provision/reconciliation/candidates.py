"""The versions of a model that may serve, by what registry and operators request.

A pure function of what stands there now, so that neither the order of events nor their loss can
matter.
"""

from itertools import chain

from functions.common.deployments.desired import DesiredDeployment
from functions.common.deployments.policy import DeployPolicy, opted_out
from functions.common.deployments.record import RequestedBy
from functions.common.deployments.store import ModelState
from functions.provision.registry.base import ListedVersion, RegisteredModel
from functions.provision.registry.tags import is_deployment_of

type Versions = tuple[ListedVersion, ...]


def candidates(state: ModelState, model: RegisteredModel | None, policy: DeployPolicy) -> Versions:
    """The versions that may serve, the one to prefer first; empty: nothing may.

    Where every version is deployed these are all that are not opted out, the newest first: a
    version that fails for what it is leaves the place to the one before it. Where an alias or an
    operator names one, it is that one, and behind it the one that serves; an operator's choice
    that fails, where nothing serves, leaves the place to the others.
    """
    if model is None:
        return ()
    eligible = tuple(each for each in sorted(model.versions, key=_age) if not opted_out(each.tags))
    if _operator_holds(state.desired, eligible, model, policy):
        return _chosen_by_operator(state, eligible, policy)
    if policy.alias is None:
        return eligible
    named = _numbered(policy.named(model.aliases), eligible)
    return _distinct(named, _serving(state, eligible)) if named else ()


def _chosen_by_operator(state: ModelState, eligible: Versions, policy: DeployPolicy) -> Versions:
    chosen = state.desired.model_version if state.desired else None
    if chosen is None:
        return ()
    others = eligible if policy.alias is None else ()
    return _distinct(_numbered(chosen, eligible), _serving(state, eligible), others)


def _age(version: ListedVersion) -> tuple[float, int]:
    return (-version.registered_at.timestamp(), -int(version.version))


def _numbered(version: str | None, eligible: Versions) -> Versions:
    return tuple(each for each in eligible if each.version == version)


def _serving(state: ModelState, eligible: Versions) -> Versions:
    live = state.live
    return tuple(each for each in eligible if live and is_deployment_of(live, each))


def _distinct(*groups: Versions) -> Versions:
    found: list[ListedVersion] = []
    for version in chain.from_iterable(groups):
        if version not in found:
            found.append(version)
    return tuple(found)


def _operator_holds(
    desired: DesiredDeployment | None,
    eligible: Versions,
    model: RegisteredModel,
    policy: DeployPolicy,
) -> bool:
    """Return whether an operator's request is the newest one and can still be fulfilled.

    It is not when something was registered since, when the alias has moved since, or when the
    version that it names is gone.
    """
    if desired is None or desired.origin is not RequestedBy.OPERATOR:
        return False
    if desired.model_version and not _numbered(desired.model_version, eligible):
        return False
    if policy.alias is not None:
        return desired.registry_version in {None, policy.named(model.aliases)}
    ready = [each for each in eligible if each.ready]
    return all(each.registered_at <= desired.requested_at for each in ready)
