"""Tags on the model version, by which the registry's own pages show its deployment.

Changing one by hand changes nothing, and the next reconciliation puts it right: `DEPLOYMENT_ID`
alone is read, and counts only with the version's number and time (see `reconciliation.renames`).
"""

from collections.abc import Mapping
from urllib.parse import quote

from functions.common.deployments.policy import OPT_OUT_TAG, opted_out
from functions.common.deployments.record import Deployment, Status
from functions.common.deployments.store import ModelState
from functions.common.ledger.model_month import ModelMonth
from functions.common.observability import make_logger
from functions.common.packages.requirement_lines import shown as one_line
from functions.provision.registry.base import (
    ListedVersion,
    ModelRegistry,
    RegisteredModel,
    RegisteredVersion,
)

STATUS, URL = "hokus.status", "hokus.url"
REASON, DEPLOYMENT_ID = "hokus.reason", "hokus.deployment_id"
COST = "hokus.cost_month_usd"
"""Of the version that serves: dollars of the model's endpoints this month, as they were at the
first count of the day. So it is written once a day at most, where a cent more has been spent: each
write of a tag comes back as a webhook."""
AGREEMENT = "hokus.agreement"
"""What a person asks for by one word, to which the outcome is added; it is never taken away."""
NAMES = (STATUS, URL, REASON, DEPLOYMENT_ID, COST)
MAX_REASON_CHARACTERS = 1000
"""MLflow takes 5,000 characters in older versions; a page shows fewer still."""

type Tags = Mapping[str, str | None]
"""None: the tag must not be there."""

logger = make_logger("provision")


def stale_tags(
    state: ModelState, model: RegisteredModel, *, api_url: str, month: ModelMonth | None = None
) -> dict[str, dict[str, str | None]]:
    """Return the tags to set, by version; None removes a tag.

    *month* is the model's present one; None: its cost is not known, and its tag is left as it is.
    Tags of an ended deployment stay when its record is settled or has expired.
    """
    found = {}
    for version in model.versions:
        shown = shown_deployment(state, version)
        copied_opt_out = version.copied_from is not None and opted_out(version.tags)
        if shown is None and _is_history(version.tags) and not copied_opt_out:
            continue
        truth = _truth(shown, state, api_url)
        if shown and shown.id == state.live_id:
            truth = _with_cost(truth, month)
        if shown is None and opted_out(version.tags):
            truth = {**truth, REASON: opt_out_reason(version)}
        if shown:
            truth = {**truth, **_agreement(shown, version.tags)}
        if wrong := _differing(truth, version.tags):
            found[version.version] = wrong
    return found


def opt_out_reason(version: ListedVersion | RegisteredVersion) -> str:
    """Return why a version with the opt-out tag is not deployed, and where a copy has it from."""
    reason = f"The version is tagged {OPT_OUT_TAG}=false in MLflow."
    if version.copied_from is None:
        return reason
    origin = one_line(version.copied_from)
    return f"{reason} It was copied from {origin} with its tags: remove the tag to deploy the copy."


def shown_deployment(state: ModelState, version: ListedVersion) -> Deployment | None:
    """Return the version's live deployment, or else its newest one."""
    if state.live and is_deployment_of(state.live, version):
        return state.live
    return next((each for each in state.deployments if is_deployment_of(each, version)), None)


def is_deployment_of(deployment: Deployment, version: ListedVersion) -> bool:
    """Return whether it serves, or was meant to serve, this very version.

    A number that is registered again after a deletion is another version: by the time of its
    registration, or, when that was never looked up, by the request's, which cannot come before it.
    """
    if deployment.model_version != version.version:
        return False
    if deployment.registered_at is not None:
        return deployment.registered_at == version.registered_at
    return deployment.requested_at >= version.registered_at


def mark_deploying(
    deployment: Deployment, held: Mapping[str, str], registry: ModelRegistry
) -> None:
    """Tag the version, whose tags are *held*, as being deployed; a registry that refuses must not
    stop the deployment."""
    truth: Tags = {
        STATUS: Status.DEPLOYING.value,
        DEPLOYMENT_ID: deployment.id,
        URL: None,
        REASON: None,
    }
    try:
        registry.set_tags(deployment.model_id, deployment.model_version, _differing(truth, held))
    except Exception:
        logger.warning("registry.not_told", exc_info=True)


def mark_interrupted(deployment: Deployment, words: str, registry: ModelRegistry) -> None:
    """Tag the version with why its deployment is being tried again.

    Raises: whatever the registry does.
    """
    reason = f"Being tried again: {words}"[:MAX_REASON_CHARACTERS]
    truth: Tags = {
        STATUS: deployment.status.value,
        DEPLOYMENT_ID: deployment.id,
        REASON: reason,
    }
    registry.set_tags(deployment.model_id, deployment.model_version, truth)


def _agreement(shown: Deployment, held: Mapping[str, str]) -> Tags:
    """Return the tag with the outcome of the comparison, unless somebody asks for something else
    by it, or there is none: the overview knows no outcomes."""
    entry = next((each for each in shown.timeline if each.agreement), None)
    if entry is None or entry.agreement is None:
        return {}
    if asked_for(held.get(AGREEMENT, entry.outcome)) != entry.agreement.mode:
        return {}
    return {AGREEMENT: entry.outcome[:MAX_REASON_CHARACTERS]}


def asked_for(agreement: str) -> str:
    """Return the word that a person asks by, also of a tag to which the outcome was written."""
    return agreement.partition(":")[0].strip().lower()


def _differing(truth: Tags, held: Mapping[str, str]) -> dict[str, str | None]:
    return {name: value for name, value in truth.items() if held.get(name) != value}


def _is_history(tags: Mapping[str, str]) -> bool:
    return tags.get(STATUS) in {Status.STOPPED, Status.FAILED} and URL not in tags


def _truth(deployment: Deployment | None, state: ModelState, api_url: str) -> Tags:
    if deployment is None:
        return dict.fromkeys(NAMES)
    serves = deployment.id == state.live_id
    reason = deployment.reason[:MAX_REASON_CHARACTERS] if deployment.reason else None
    return {
        STATUS: deployment.status.value,
        URL: _predict_url(deployment.model_id, api_url) if serves else None,
        REASON: reason,
        DEPLOYMENT_ID: deployment.id,
        COST: None,
    }


def _with_cost(truth: Tags, month: ModelMonth | None) -> Tags:
    if month is None:
        return {name: value for name, value in truth.items() if name != COST}
    return {**truth, COST: None if month.shown_usd is None else f"{month.shown_usd:.2f}"}


def _predict_url(model_id: str, api_url: str) -> str:
    return f"{api_url}/models/{quote(model_id, safe='')}/predict"
