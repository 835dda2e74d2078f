"""The field's standard figures of a day's dispatch, each defined once, with unit and source.

References
----------
.. [1] Reyes, D., Erera, A., Savelsbergh, M., Sahasrabudhe, S., O'Neil, R. (2018). The meal delivery routing
   problem. Optimization Online 6571 (click-to-door, ready-to-pickup, ready-to-door, cost per order).
"""

import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dispatch.timelines import OrderTimeline, Timelines
from domain.pay import DEFAULT_PAY, PayScheme
from domain.units import HOUR_MS, MINUTE_MS, Millis


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that metrics are computed from.

    Attributes
    ----------
    timelines : Timelines
        Orders, shifts and trips.
    pay : PayScheme
        What riders earn.
    grid_ms : int
        Instants are floored to this grid first (Grubhub counts whole minutes).
    """

    timelines: Timelines
    pay: PayScheme = DEFAULT_PAY
    grid_ms: Millis = 1

    def minutes(
        self,
        start: Callable[[OrderTimeline], Millis | None],
        end: Callable[[OrderTimeline], Millis | None],
    ) -> list[float]:
        """Return the minutes between two instants, of the delivered orders for which both are known."""
        spans: list[float] = []
        for order in self.timelines.orders.values():
            first, last = start(order), end(order)
            if order.delivered_at_ms is not None and first is not None and last is not None:
                spans.append((self._floor(last) - self._floor(first)) / MINUTE_MS)
        return spans

    def is_on_time(self, order: OrderTimeline) -> bool:
        """Tell whether an order came by its promise."""
        delivered = order.delivered_at_ms
        return delivered is not None and self._floor(delivered) <= self._floor(order.promised_at_ms)

    def _floor(self, at_ms: Millis) -> Millis:
        return at_ms - at_ms % self.grid_ms


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure: its name with the unit, what it means, and how it is computed (None without data)."""

    name: str
    unit: str
    meaning: str
    compute: Callable[[Day], float | None]


def _mean(values: Iterable[float]) -> float | None:
    values = list(values)
    return statistics.fmean(values) if values else None


def _share(part: int, whole: int) -> float | None:
    return 100.0 * part / whole if whole else None


def _delivered(day: Day) -> int:
    return sum(order.delivered_at_ms is not None for order in day.timelines.orders.values())


def _on_time_pct(day: Day) -> float | None:
    orders = day.timelines.orders.values()
    return _share(sum(day.is_on_time(order) for order in orders), len(orders))


def _late_or_undelivered_pct(day: Day) -> float | None:
    on_time = _on_time_pct(day)
    return None if on_time is None else 100.0 - on_time


def _undelivered_pct(day: Day) -> float | None:
    orders = len(day.timelines.orders)
    return _share(orders - _delivered(day), orders)


def _served_pct(day: Day) -> float | None:
    return _share(_delivered(day), len(day.timelines.orders))


def _rider_hours(day: Day) -> float:
    return sum(shift.ends_at_ms - shift.starts_at_ms for shift in day.timelines.shifts) / HOUR_MS


def _cost_per_order(day: Day) -> float | None:
    done = Counter(
        order.rider_id for order in day.timelines.orders.values() if order.delivered_at_ms is not None
    )
    total_cents = 0.0
    hours: Counter[str] = Counter()
    for shift in day.timelines.shifts:
        hours[shift.rider_id] += shift.ends_at_ms - shift.starts_at_ms
    for rider_id, span_ms in hours.items():
        guaranteed = day.pay.guaranteed_per_hour_cents * span_ms / HOUR_MS
        total_cents += max(day.pay.per_order_cents * done[rider_id], guaranteed)
    delivered = _delivered(day)
    return total_cents / 100 / delivered if delivered else None


def _orders_per_rider_hour(day: Day) -> float | None:
    hours = _rider_hours(day)
    return _delivered(day) / hours if hours else None


METRICS: tuple[Metric, ...] = (
    Metric("orders", "1", "orders placed", lambda day: len(day.timelines.orders)),
    Metric("delivered", "1", "orders delivered", _delivered),
    Metric(
        "click_to_door_min",
        "min",
        "mean time from placement to drop-off, over delivered orders [1]",
        lambda day: _mean(day.minutes(lambda o: o.placed_at_ms, lambda o: o.delivered_at_ms)),
    ),
    Metric(
        "click_to_taken_min",
        "min",
        "mean time from placement to the assignment of the rider, over delivered orders",
        lambda day: _mean(day.minutes(lambda o: o.placed_at_ms, lambda o: o.assigned_at_ms)),
    ),
    Metric(
        "ready_to_pickup_min",
        "min",
        "mean time that food waits for its rider, over delivered orders [1]",
        lambda day: _mean(day.minutes(lambda o: o.ready_at_ms, lambda o: o.picked_up_at_ms)),
    ),
    Metric(
        "ready_to_door_min",
        "min",
        "mean time from ready to drop-off, over delivered orders [1]",
        lambda day: _mean(day.minutes(lambda o: o.ready_at_ms, lambda o: o.delivered_at_ms)),
    ),
    Metric("on_time_pct", "%", "orders delivered by their promise, of all placed", _on_time_pct),
    Metric(
        "late_or_undelivered_pct",
        "%",
        "orders delivered after their promise or not at all, of all placed",
        _late_or_undelivered_pct,
    ),
    Metric("undelivered_pct", "%", "orders not delivered, of all placed", _undelivered_pct),
    Metric("served_pct", "%", "orders delivered, late or not, of all placed", _served_pct),
    Metric(
        "cost_per_order",
        "currency",
        "pay of all riders (the larger of piece pay and guarantee) per delivered order [1]",
        _cost_per_order,
    ),
    Metric(
        "orders_per_rider_hour",
        "1/h",
        "delivered orders per hour of all shifts",
        _orders_per_rider_hour,
    ),
    Metric(
        "orders_per_trip",
        "1",
        "mean number of orders of an assigned trip",
        lambda day: _mean(day.timelines.trips),
    ),
)
"""Every figure, in the sequence in which reports show them."""


def compute_metrics(day: Day) -> dict[str, float | None]:
    """Compute every metric of a day, by name; None where there is nothing to compute it from."""
    return {metric.name: metric.compute(day) for metric in METRICS}
