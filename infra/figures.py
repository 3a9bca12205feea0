"""The six figures that the service is judged by. Standard library only.

The dashboard in AWS (`infra.monitoring`) and the one of the local system (`infra.local.dashboard`)
draw them.
"""

from dataclasses import dataclass

from functions.common.metric_names import FAULT, LATENCY, MODELS_DEPLOYED, SPEND_USD, USERS_DAY


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure, and the metric that shows it.

    Attributes:
        service: Whose metric it is, as in the functions' specifications.
        unit: Of what people see; empty for a number of things.
    """

    title: str
    metric: str
    service: str
    unit: str = ""


DEPLOYED = Figure(title="Models deployed", metric=MODELS_DEPLOYED, service="reconcile")
VOLUME = Figure(title="Request volume", metric=LATENCY, service="predict", unit="calls")
RESPONSE_TIME = Figure(title="Average response time", metric=LATENCY, service="predict", unit="ms")
ERROR_RATE = Figure(title="Error rate", metric=FAULT, service="predict", unit="%")
COSTS = Figure(title="Provider costs", metric=SPEND_USD, service="reconcile", unit="USD")
ADOPTION = Figure(title="User adoption", metric=USERS_DAY, service="usage", unit="users")
FIGURES = (DEPLOYED, VOLUME, RESPONSE_TIME, ERROR_RATE, COSTS, ADOPTION)
WRONG_NOW = "What is wrong now"
"""Title of the row below them."""
