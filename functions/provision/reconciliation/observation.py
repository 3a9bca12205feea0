"""Looks at records, registry and provider, in this order.

What appears in between is newer than what is compared with it, and is never taken for lost.
"""

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from functions.common.deployments.store import DeploymentStore, ModelState
from functions.common.deployments.workflow import Workflow
from functions.common.providers.base import Endpoint, EndpointControl
from functions.provision.names import installation_tag, tagged_deployment
from functions.provision.reconciliation.observed import ObservedModel, without_ahead
from functions.provision.reconciliation.renames import has_version_of, tagged_deployments
from functions.provision.registry.base import ModelRegistry, RegisteredModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Models as they were seen, by name, and all endpoints of ours, by name."""

    states: Mapping[str, ModelState]
    models: Mapping[str, ObservedModel]
    endpoints: Mapping[str, Endpoint]

    @property
    def registered(self) -> dict[str, RegisteredModel]:
        """The models that the registry has."""
        return {name: each.model for name, each in self.models.items() if each.model}

    def only(self, names: Collection[str]) -> "Observation":
        """Return what was seen of *names*."""
        return Observation(
            states={name: each for name, each in self.states.items() if name in names},
            models={name: each for name, each in self.models.items() if name in names},
            endpoints=self.endpoints,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer:
    """Observes models. All of them are seen as in the store's overview, which is cheap; what is
    decided is decided by a second look at whole records."""

    store: DeploymentStore
    registry: ModelRegistry
    control: EndpointControl
    workflow: Workflow
    installation: str
    now: Callable[[], datetime]

    def overview(self) -> Observation:
        """Observe every model without its settled deployments."""
        states = {state.model_id: state for state in self.store.overview()}
        return self._observation(states, self._models(states))

    def every_record(self) -> Observation:
        """Observe every model by all records, also those that the overview lacks."""
        states = {state.model_id: state for state in self.store.states()}
        return self._observation(states, self._models(states))

    def of(self, names: Collection[str]) -> Observation:
        """Observe the models of these names, by all their records."""
        if not names:
            return Observation(states={}, models={}, endpoints={})
        states = {name: self.store.state(name) for name in names}
        models = self._models(states)
        return self._observation(states, {name: models[name] for name in names if name in models})

    def single(self, name: str) -> Observation:
        """Observe one model, and those that it may have been renamed from or to."""
        state, model = self.store.state(name), self.registry.model(name)
        if others := self._other_names(state, model) - {name}:
            return self.of({name, *others})
        return self._observation({name: state}, {} if model is None else {name: model})

    def again(self, observed: ObservedModel) -> ObservedModel:
        """Return *observed* with its records as they are now."""
        state = self.store.state(observed.state.model_id)
        return self._observed(state, observed.model, observed.endpoints)

    def earlier_names(self, names: Collection[str], seen: Observation) -> set[str]:
        """Return the models whose deployments the tags of the models *names* name."""
        found = seen.only(names).models.values()
        return set().union(*(self._tagged_from(each.state, each.model) for each in found))

    def models_of_unknown_endpoints(self, seen: Observation) -> set[str]:
        """Return the models of endpoints whose deployments are on record and not in *seen*: what
        is settled has an endpoint again, or the index lacks it."""
        known = {each.id for state in seen.states.values() for each in state.deployments}
        ids = {tagged_deployment(endpoint.tags) for endpoint in seen.endpoints.values()}
        return {model for id_ in ids - known if id_ and (model := self.store.model_of(id_))}

    def has_lost_every_record(self, seen: Observation) -> bool:
        """Return whether there are endpoints of ours and no record at all.

        The overview has no record of models that are all undeployed, so the whole table is read.
        """
        found = itertools.chain(seen.states.values(), self.store.states())
        return bool(seen.endpoints) and not any(
            state.deployments or state.unreadable for state in found
        )

    def _observation(
        self, states: Mapping[str, ModelState], models: Mapping[str, RegisteredModel]
    ) -> Observation:
        endpoints = self._endpoints(states.values())
        observed = {
            name: self._observed(
                states.get(name) or _nothing_yet(name), models.get(name), endpoints
            )
            for name in sorted(states.keys() | models.keys())
        }
        return Observation(states=states, models=observed, endpoints=endpoints)

    def _observed(
        self, state: ModelState, model: RegisteredModel | None, endpoints: Mapping[str, Endpoint]
    ) -> ObservedModel:
        now = self.now()
        return ObservedModel(
            state=state,
            model=without_ahead(model, state, now),
            endpoints=endpoints,
            is_running=self.workflow.is_running,
            now=now,
        )

    def _models(self, states: Mapping[str, ModelState]) -> dict[str, RegisteredModel]:
        """Return models by name.

        A live model that is not listed is read by itself: a listing in pages can miss what moves
        from one page to another. It may also have been renamed meanwhile, and be listed by halves,
        so the list is read once more before.
        """
        models = self._listed()
        if any(_is_gone(state, models) for state in states.values()):
            models = self._listed()
        for name, state in states.items():
            if _is_gone(state, models):
                models.pop(name, None)
                if found := self.registry.model(name):
                    models[name] = found
        return models

    def _listed(self) -> dict[str, RegisteredModel]:
        return {model.name: model for model in self.registry.models()}

    def _other_names(self, state: ModelState, model: RegisteredModel | None) -> set[str]:
        """Return the names that tags lead to, of models before and after a rename."""
        found = self._tagged_from(state, model)
        if (live := state.live) and not has_version_of(live, model):
            listed = self._listed().items()
            found |= {name for name, each in listed if live.id in tagged_deployments(each)}
        return found

    def _tagged_from(self, state: ModelState, model: RegisteredModel | None) -> set[str]:
        unknown = [id_ for id_ in tagged_deployments(model) if not state.deployment(id_)]
        return {name for id_ in unknown if (name := self.store.model_of(id_))}

    def _endpoints(self, states: Iterable[ModelState]) -> dict[str, Endpoint]:
        """Ours, by name. One that serves and is not listed is looked at by itself: taking it for
        gone would be expensive."""
        tag = installation_tag(self.installation)
        listed = {each.name: each for each in self.control.tagged(tag)}
        for state in states:
            name = state.live.endpoint.name if state.live else None
            if name and name not in listed and (found := self.control.describe(name)):
                listed[name] = found
        return listed


def _is_gone(state: ModelState, models: Mapping[str, RegisteredModel]) -> bool:
    """Return whether it serves a version that is not listed."""
    return state.live is not None and not has_version_of(state.live, models.get(state.model_id))


def _nothing_yet(model_id: str) -> ModelState:
    return ModelState(model_id=model_id, deployments=(), live_id=None, desired=None)
