"""What the day was like for riders, and what they cost."""

from collections.abc import Iterator

from dispatch.metrics.day import Day
from dispatch.metrics.metric import Metric, mean, percent, ratio
from dispatch.timelines import TripTimeline
from domain.units import HOUR_MS, MINUTE_MS, Millis


def _cost_per_order(day: Day) -> float | None:
    return ratio(sum(day.earned_cents().values()) / 100, day.delivered())


def _earnings_gini(day: Day) -> float | None:
    """Return the mean difference of any two riders' hourly earnings over twice their mean."""
    hours, earned = day.hours(), day.earned_cents()
    hourly = sorted(cents * HOUR_MS / hours[rider] for rider, cents in earned.items() if hours[rider])
    total = sum(hourly)
    if not total:
        return None
    count = len(hourly)
    return sum((2 * k - count - 1) * pay for k, pay in enumerate(hourly, 1)) / (count * total)


def _waited_ms(day: Day, trip: TripTimeline) -> Millis | None:
    """Return how long the rider stood in the store beyond the usual time; None if nothing was picked up."""
    if trip.at_merchant_at_ms is None or trip.picked_up_at_ms is None:
        return None
    usual_ms = day.times.pickup_before_ms
    return max(0, day.floor(trip.picked_up_at_ms) - day.floor(trip.at_merchant_at_ms) - usual_ms)


def _rider_wait_min(day: Day) -> float | None:
    waits = (_waited_ms(day, trip) for trip in day.timelines.trips.values())
    return mean(wait_ms / MINUTE_MS for wait_ms in waits if wait_ms is not None)


def _utilization_pct(day: Day) -> float | None:
    busy_ms = 0
    for trip in day.timelines.trips.values():
        if trip.free_at_ms is not None:
            trip_ms = day.floor(trip.free_at_ms) - day.floor(trip.set_out_at_ms)
            busy_ms += trip_ms - (_waited_ms(day, trip) or 0)
    return percent(busy_ms, sum(day.hours().values()))


def _deadhead_pct(day: Day) -> float | None:
    trips = day.timelines.trips.values()
    empty_m = sum(trip.empty_m for trip in trips) + _moved_m(day)
    return percent(empty_m, empty_m + sum(trip.loaded_m for trip in trips))


def _moved_m(day: Day) -> float:
    return sum(move.ridden_m for move in day.timelines.moves)


def _load_factor(day: Day) -> float | None:
    trips = day.timelines.trips.values()
    driven_m = sum(trip.empty_m + trip.loaded_m for trip in trips)
    return ratio(sum(trip.order_m for trip in trips), driven_m)


def _bundling_pct(day: Day) -> float | None:
    sizes = list(_trip_sizes(day))
    return percent(sum(size > 1 for size in sizes), len(sizes))


def _trip_sizes(day: Day) -> Iterator[int]:
    """Yield the number of orders of the trip of every delivered order."""
    trips = day.timelines.trips
    for order in day.orders:
        if order.delivered_at_ms is not None and order.trip_id in trips:
            yield trips[order.trip_id].orders


RIDERS: tuple[Metric, ...] = (
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
        lambda day: ratio(day.delivered(), day.rider_hours()),
    ),
    Metric(
        "utilization_pct",
        "%",
        "time that riders drive or hand over (not: wait for food), of all shifts; above 100 when trips end "
        "after the shift [1]",
        _utilization_pct,
    ),
    Metric(
        "rider_wait_min",
        "min",
        "mean time that a rider waits in the store for food, beyond the usual hand-over, per trip",
        _rider_wait_min,
    ),
    Metric(
        "deadhead_pct",
        "%",
        "meters driven without food, of all meters driven on trips and to places to wait at",
        _deadhead_pct,
    ),
    Metric(
        "moves",
        "1",
        "times that an idle rider was advised to wait elsewhere",
        lambda day: float(len(day.timelines.moves)),
    ),
    Metric("moved_km", "km", "ridden to places to wait at, as planned", lambda day: _moved_m(day) / 1_000),
    Metric("bundling_pct", "%", "delivered orders that shared their trip with others, of all", _bundling_pct),
    Metric(
        "orders_per_bundle",
        "1",
        "mean number of orders of an assigned trip, trips of one order included [1]",
        lambda day: mean(trip.orders for trip in day.timelines.trips.values()),
    ),
    Metric(
        "load_factor",
        "1",
        "mean number of orders on board, over all meters driven on trips",
        _load_factor,
    ),
    Metric(
        "earnings_gini",
        "1",
        "Gini coefficient of the riders' earnings per hour of shift: 0 all alike, 1 all for one",
        _earnings_gini,
    ),
)
"""What riders feel, and what is paid."""
