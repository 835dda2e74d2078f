"""The field's standard figures of a day's dispatch, each defined once, with unit and source.

References
----------
.. [1] Reyes, D., Erera, A., Savelsbergh, M., Sahasrabudhe, S., O'Neil, R. (2018). The meal delivery routing
   problem. Optimization Online 6571 (click-to-door, ready-to-pickup, ready-to-door, cost per order,
   utilization, orders per bundle).
.. [2] Joshi, M., Singh, A., Ranu, S., Bagchi, A., Karia, P., Kala, P. (2022). FoodMatch: batching and
   matching for food delivery in dynamic road networks. ACM TSAS 8. doi:10.1145/3494530 (extra delivery time).
"""

from collections.abc import Iterable

from dispatch.metrics.day import Day
from dispatch.metrics.metric import Metric, percent, percentile
from dispatch.metrics.planning import PLANNING
from dispatch.metrics.riders import RIDERS
from dispatch.metrics.service import SERVICE

METRICS: tuple[Metric, ...] = SERVICE + RIDERS + PLANNING
"""Every figure, in the sequence in which reports show them."""

_BY_NAME = {metric.name: metric for metric in METRICS}


def compute_metrics(day: Day, names: Iterable[str] = tuple(_BY_NAME)) -> dict[str, float | None]:
    """Compute metrics of a day, by name, all of them by default; None where there is nothing to compute from.

    Raises
    ------
    KeyError
        If there is no metric of such a name.
    """
    return {name: _BY_NAME[name].compute(day) for name in names}


__all__ = ["METRICS", "Day", "Metric", "compute_metrics", "percent", "percentile"]
