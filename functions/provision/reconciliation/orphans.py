"""Endpoints of ours that no record names, and whether they may be deleted. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from functions.common.deployments.store import ModelState
from functions.common.providers.base import Endpoint
from functions.provision.names import tagged_deployment
from functions.provision.reconciliation.changes import DeleteEndpoint

ORPHAN_GRACE = timedelta(minutes=10)
"""An endpoint that no record names: the records were read before the endpoints."""
FEW_ORPHANS = 2
"""As many as an accident leaves behind. More, and more than a tenth of all endpoints, look like a
table that was lost, or restored to an earlier time."""
_TENTH = 10


def orphans(
    endpoints: Mapping[str, Endpoint], states: Iterable[ModelState], *, now: datetime
) -> Iterator[DeleteEndpoint]:
    """Endpoints of ours that no deployment on record was made with, or took over.

    A record that cannot be read still names its endpoint.
    """
    known_ids: set[str] = set()
    known_names: set[str] = set()
    for state in states:
        known_ids |= {each.id for each in state.deployments}
        known_names |= {each.endpoint.name for each in state.deployments if each.endpoint.name}
        known_ids |= {each.id for each in state.unreadable}
        known_names |= {each.endpoint_name for each in state.unreadable if each.endpoint_name}
    for name, endpoint in endpoints.items():
        known = name in known_names or tagged_deployment(endpoint.tags) in known_ids
        young = endpoint.created_at is None or now - endpoint.created_at < ORPHAN_GRACE
        if not known and not young:
            yield DeleteEndpoint(endpoint_name=name)


def are_too_many(found: Collection[DeleteEndpoint], endpoints: Collection[str]) -> bool:
    """Return whether so many of *endpoints* are orphans that records have probably been lost."""
    return len(found) > max(FEW_ORPHANS, len(endpoints) // _TENTH)
