"""What a trip costs under ``rolling``, in plain Python, and the explanation that says so.

The compiled search counts in the same whole numbers (``dispatch/kernels/queues.py``); tests hold both equal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dispatch.explain import CHEAPEST_PLAN, KITCHEN, RIDER_ARRIVAL, SEQUENCE
from dispatch.kernels.layout import COST_PER_MS
from dispatch.matching.rolling_params import RollingParams
from dispatch.snapshot import OpenOrder, RiderView, Snapshot
from domain.construction import quickly_made
from domain.ids import RiderId
from domain.plans import Alternative, CostTerm, Explanation
from domain.units import HOUR_MS, MINUTE_MS, Millis

COST_PER_MIN = COST_PER_MS * MINUTE_MS


@quickly_made
@dataclass(frozen=True, slots=True)
class TripPrice:
    """What a trip costs beside its own orders.

    Attributes
    ----------
    pay : int
        Cost of the rider's pay for each order.
    opportunity : int
        What the trip costs the orders planned next for the rider.
    others : tuple
        The best other riders, cheapest first, and what they would cost more.
    """

    pay: int
    opportunity: int
    others: tuple[tuple[RiderId, int], ...]


def pay_unit(snapshot: Snapshot, params: RollingParams) -> int:
    """Return the cost of an order more for a rider an order ahead; 0 where orders are not paid."""
    return params.pay_ms * COST_PER_MS if snapshot.pay.per_order_cents else 0


def guaranteed_hourly(snapshot: Snapshot, params: RollingParams) -> int:
    """Return the pay that an hour on shift guarantees, as a cost."""
    pay = snapshot.pay
    if not pay.per_order_cents:
        return 0
    return pay_unit(snapshot, params) * pay.guaranteed_per_hour_cents // pay.per_order_cents


def guaranteed(snapshot: Snapshot, rider: RiderView, params: RollingParams) -> int:
    """Return the pay that a rider is guaranteed for the shift so far, as a cost."""
    elapsed_ms = max(0, snapshot.rules.floor(snapshot.at_ms) - rider.shift_started_at_ms)
    return guaranteed_hourly(snapshot, params) * elapsed_ms // HOUR_MS


def pay_cost(snapshot: Snapshot, rider: RiderView, count: int, params: RollingParams) -> int:
    """Return the cost of one order more for a rider who has delivered ``count``."""
    unit = pay_unit(snapshot, params)
    ahead = (count + 1) * unit - guaranteed(snapshot, rider, params)
    return min(max(ahead, -2 * unit), 2 * unit)


def delay_cost(order: OpenOrder, drop_ms: Millis, params: RollingParams) -> int:
    """Return the cost of delivering an order at an instant."""
    late_ms = max(0, drop_ms - order.promised_at_ms)
    delay = 100 * (drop_ms - order.placed_at_ms - late_ms) + params.late_pct * late_ms
    return 100 * (delay + (100 * params.broken_promise_ms if late_ms else 0))


def explain_trip(
    orders: Sequence[OpenOrder],
    drops_ms: Iterable[Millis],
    arrives_ms: Millis,
    price: TripPrice,
    params: RollingParams,
) -> tuple[Explanation, ...]:
    """Explain a trip that starts, order by order; the terms of each sum to its cost in minutes.

    Parameters
    ----------
    orders : sequence of OpenOrder
        In drop-off sequence.
    drops_ms : iterable of int
        When each is handed over.
    arrives_ms : int
        When the rider could pick up, if the food were ready.
    price : TripPrice
        What it costs beside.
    params : RollingParams
        Costs.
    """
    ready_ms = max(order.ready_at_ms for order in orders)
    opportunity_min = price.opportunity / COST_PER_MIN
    alternatives = tuple(Alternative(rider_id, extra / COST_PER_MIN) for rider_id, extra in price.others)
    pay = CostTerm("pay", price.pay / COST_PER_MIN, "min")
    first = RIDER_ARRIVAL if arrives_ms > ready_ms else KITCHEN
    return tuple(
        Explanation(
            (*_delay_terms(order, drop_ms, params), pay),
            alternatives,
            CHEAPEST_PLAN,
            SEQUENCE if order is not orders[0] else first,
            None,
            opportunity_min,
        )
        for order, drop_ms in zip(orders, drops_ms, strict=True)
    )


def _delay_terms(order: OpenOrder, drop_ms: Millis, params: RollingParams) -> tuple[CostTerm, ...]:
    door = CostTerm("click_to_door", (drop_ms - order.placed_at_ms) / MINUTE_MS, "min")
    late_ms = drop_ms - order.promised_at_ms
    if late_ms <= 0:
        return (door,)
    late = CostTerm("late", late_ms * (params.late_pct - 100) / 100 / MINUTE_MS, "min")
    return door, late, CostTerm("broken_promise", params.broken_promise_ms / MINUTE_MS, "min")
