"""How good the day was for those who ordered."""

from dispatch.metrics.day import Day
from dispatch.metrics.metric import Metric, mean, percent, percentile
from domain.units import MINUTE_MS


def _on_time_pct(day: Day) -> float | None:
    return percent(sum(map(day.is_on_time, day.orders)), len(day.timelines.orders))


def _late_or_undelivered_pct(day: Day) -> float | None:
    on_time = _on_time_pct(day)
    return None if on_time is None else 100.0 - on_time


def _undelivered_pct(day: Day) -> float | None:
    orders = len(day.timelines.orders)
    return percent(orders - day.delivered(), orders)


def _served_pct(day: Day) -> float | None:
    return percent(day.delivered(), len(day.timelines.orders))


def _extra_delivery_min(day: Day) -> float | None:
    first_ms = _first_on_duty_ms(day)
    extra = []
    for order in day.orders:
        earliest_ms = day.earliest_door_ms(order, first_ms)
        if order.delivered_at_ms is not None and earliest_ms is not None:
            extra.append((day.floor(order.delivered_at_ms) - earliest_ms) / MINUTE_MS)
    return mean(extra)


def _unavoidably_late(day: Day) -> int | None:
    """Count the late orders whose physical bound lies after the promise, or after every shift."""
    if day.travel is None:
        return None
    first_ms = _first_on_duty_ms(day)
    last_ms = max((shift.ends_at_ms for shift in day.timelines.shifts), default=0)
    count = 0
    for order in day.orders:
        if day.is_on_time(order):
            continue
        earliest_ms = day.earliest_door_ms(order, first_ms)
        after_all = order.ready_at_ms > last_ms
        count += after_all or (earliest_ms is not None and earliest_ms > day.floor(order.promised_at_ms))
    return count


def _unavoidably_late_pct(day: Day) -> float | None:
    late = _unavoidably_late(day)
    return None if late is None else percent(late, len(day.timelines.orders))


def _controllable_late_pct(day: Day) -> float | None:
    late, unavoidable = _late_or_undelivered_pct(day), _unavoidably_late_pct(day)
    return None if late is None or unavoidable is None else late - unavoidable


def _first_on_duty_ms(day: Day) -> int:
    return min((shift.starts_at_ms for shift in day.timelines.shifts), default=0)


SERVICE: tuple[Metric, ...] = (
    Metric("orders", "1", "orders placed", lambda day: len(day.timelines.orders)),
    Metric("delivered", "1", "orders delivered", Day.delivered),
    Metric(
        "click_to_door_min",
        "min",
        "mean time from placement (of a scheduled order: release) to drop-off, over delivered orders [1]",
        lambda day: mean(day.minutes(lambda o: o.placed_at_ms, lambda o: o.delivered_at_ms)),
    ),
    Metric(
        "click_to_taken_min",
        "min",
        "mean time from placement to the assignment of the rider, over delivered orders",
        lambda day: mean(day.minutes(lambda o: o.placed_at_ms, lambda o: o.assigned_at_ms)),
    ),
    Metric(
        "ready_to_pickup_min",
        "min",
        "mean time that food waits for its rider, over delivered orders [1]",
        lambda day: mean(day.minutes(lambda o: o.ready_at_ms, lambda o: o.picked_up_at_ms)),
    ),
    Metric(
        "ready_to_door_min",
        "min",
        "mean time from ready to drop-off, over delivered orders [1]",
        lambda day: mean(day.minutes(lambda o: o.ready_at_ms, lambda o: o.delivered_at_ms)),
    ),
    Metric(
        "food_age_p90_min",
        "min",
        "90th percentile of the age of the food at the door: from ready to drop-off, over delivered orders",
        lambda day: percentile(day.minutes(lambda o: o.ready_at_ms, lambda o: o.delivered_at_ms), 0.9),
    ),
    Metric(
        "extra_delivery_min",
        "min",
        "mean click-to-door beyond the order's own lower bound (food taken when ready, direct drive, usual "
        "hand-overs), over delivered orders [2]",
        _extra_delivery_min,
    ),
    Metric(
        "on_time_pct",
        "%",
        "orders delivered by their promise, scheduled ones within their window, of all placed",
        _on_time_pct,
    ),
    Metric(
        "late_or_undelivered_pct",
        "%",
        "orders delivered after their promise, before their window or not at all, of all placed",
        _late_or_undelivered_pct,
    ),
    Metric(
        "controllable_late_pct",
        "%",
        "late or undelivered orders whose lower bound kept the promise, of all placed",
        _controllable_late_pct,
    ),
    Metric(
        "unavoidably_late_pct",
        "%",
        "late or undelivered orders whose lower bound is after the promise, or whose food is ready after the "
        "last shift, of all placed",
        _unavoidably_late_pct,
    ),
    Metric("undelivered_pct", "%", "orders not delivered, of all placed", _undelivered_pct),
    Metric("served_pct", "%", "orders delivered, late or not, of all placed", _served_pct),
)
"""What customers feel."""
