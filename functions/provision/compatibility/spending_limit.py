"""Refuses further endpoints when the monthly budget is used up."""

from dataclasses import dataclass

from functions.common.deployments.store import ModelState
from functions.common.providers.base import EndpointControl, EndpointState
from functions.common.providers.hardware import Hardware
from functions.common.providers.prices import PriceList
from functions.provision.compatibility.budget import hourly_cost
from functions.provision.metering.budget import MonthlyBudget

_AT_REST = {EndpointState.ASLEEP, EndpointState.PAUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendingLimit:
    """Lets through what costs no more than what it replaces: a model whose endpoint is up may have
    a new version on no dearer hardware, and an endpoint that was lost may be made anew."""

    budget: MonthlyBudget
    control: EndpointControl
    prices: PriceList

    def reason_against(self, state: ModelState, hardware: Hardware) -> str | None:
        """Explain why the model *state* may have no new endpoint on *hardware*; None: it may.

        Raises: StoreBusyError, ProviderUnavailableError, ProviderRefusedError.
        """
        use = self.budget.use()
        if not use.used_up or self._replaces_its_own(state, hardware):
            return None
        return use.refusal

    def _replaces_its_own(self, state: ModelState, hardware: Hardware) -> bool:
        live = state.live
        cost = hourly_cost(hardware, self.prices.offers())
        if live is None or cost is None or live.endpoint.hourly_cost_usd is None:
            return False
        endpoint = self.control.describe(live.endpoint.name or "")
        at_rest = endpoint is not None and endpoint.state in _AT_REST
        return not at_rest and cost <= live.endpoint.hourly_cost_usd
