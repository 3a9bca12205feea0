"""The one line that each call of a function leaves in the log, with all that it is searched by.

Its metrics are `Latency` and `Fault`: their sample count, average and percentiles are the request
volume, the response time and the error rate. Who calls is a property and no dimension, since each
value of a dimension is a metric that is paid for.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from functions.common.emf import Metrics, Property, print_line
from functions.common.metric_names import (
    FAULT,
    LATENCY,
    MODEL,
    VERSION,
    function_version,
    model_value,
)

FIRST_FAULT = 500
"""HTTP status from which on a call failed by our or the provider's fault."""
_DIGITS = 2


class WideEvent:
    """What is noted of one call while it goes on."""

    _environment_is_new = True

    def __init__(self) -> None:
        self._properties: dict[str, Property] = {}
        self._dimension_sets: list[dict[str, str]] = [{}]
        self._metrics: list[Metrics] = []

    def note(self, **properties: Property) -> None:
        """Remember *properties*; fractions are rounded to hundredths."""
        for name, value in properties.items():
            self._properties[name] = round(value, _DIGITS) if isinstance(value, float) else value

    def note_model(self, model_id: str, *, has_metrics: bool = False) -> None:
        """Remember the model; with *has_metrics* the call counts in the metrics of its own.

        Only for a model that exists: callers may ask for any name.
        """
        value = model_value(model_id)
        self._properties[MODEL] = value
        self._dimension_sets[1:] = [{MODEL: value}] if has_metrics else []

    def count(self, metrics: Metrics) -> None:
        """Have the line count *metrics* as well, which are not the model's."""
        self._metrics.append(metrics)

    def write(self, service: str, *, latency_ms: float, is_fault: bool) -> None:
        """Write the line."""
        is_cold, WideEvent._environment_is_new = WideEvent._environment_is_new, False
        values = {LATENCY: round(latency_ms, _DIGITS), FAULT: int(is_fault)}
        about_us: dict[str, Property] = {"cold": is_cold, VERSION: function_version()}
        line = about_us | self._properties
        print_line(service, Metrics(values, self._dimension_sets), *self._metrics, **line)


@contextmanager
def recorded(service: str, *, refusals: tuple[type[Exception], ...] = ()) -> Iterator[WideEvent]:
    """Write the event of a call that is over when the block ends.

    What leaves the block is a fault, unless it is one of *refusals*.
    """
    event, began, is_fault = WideEvent(), time.monotonic(), True
    try:
        yield event
        is_fault = False
    except refusals:
        is_fault = False
        raise
    finally:
        event.write(service, latency_ms=(time.monotonic() - began) * 1_000, is_fault=is_fault)
