"""What a delivery costs, what it costs that an order has no rider, and the pay of a rider.

The arrays are described in ``layout``.
"""

from typing import NamedTuple

from compiling.kernel import inlined
from dispatch.kernels.layout import (
    DROPOFF_BEFORE,
    GUARANTEED,
    LAST_MILE,
    MERCHANT,
    NOW,
    PAY_UNIT,
    PICKUP_AFTER,
    PLACED,
    PROMISED,
    READY,
    REAL,
    SLOPE_AFTER,
    SLOPE_BEFORE,
    STEP,
    UNASSIGNED,
    WEIGHT,
    Ints,
)


class Rates(NamedTuple):
    """What an order costs by the instant of its delivery: read once where many instants are priced.

    Attributes
    ----------
    placed, promised : int
        Instants, in ms.
    slope, late_slope : int
        Cost of a ms up to the promise, and beyond it.
    broken : int
        Cost of a delivery just after the promise.
    """

    placed: int
    promised: int
    slope: int
    late_slope: int
    broken: int


class Single(NamedTuple):
    """An order as a trip of its own: read once where it is tried in many places.

    Attributes
    ----------
    merchant : int
        Where it is picked up.
    ready : int
        When, at the soonest, in ms.
    drop_after_ms : int
        From the pickup to the delivery.
    real : int
        1, or 0 where it is only expected.
    rates : Rates
        What the delivery costs.
    """

    merchant: int
    ready: int
    drop_after_ms: int
    real: int
    rates: Rates


@inlined
def rates_of(c: Ints, orders: Ints, o: int) -> Rates:
    """Return what an order costs."""
    placed, promised, weight = orders[o, PLACED], orders[o, PROMISED], orders[o, WEIGHT]
    slope = weight * c[SLOPE_BEFORE]
    broken = slope * (promised - placed) + weight * 100 * c[STEP]
    return Rates(placed, promised, slope, weight * c[SLOPE_AFTER], broken)


@inlined
def single_of(c: Ints, orders: Ints, o: int) -> Single:
    """Return an order as a trip of its own."""
    drop_after_ms = c[PICKUP_AFTER] + orders[o, LAST_MILE] + c[DROPOFF_BEFORE]
    return Single(
        orders[o, MERCHANT], orders[o, READY], drop_after_ms, orders[o, REAL], rates_of(c, orders, o)
    )


@inlined
def delay_cost(rates: Rates, drop_ms: int) -> int:
    """Return the cost of delivering an order at an instant; later never costs less."""
    # Both are computed, so that a loop needs no branch and runs for many instants at a time.
    in_time = rates.slope * (drop_ms - rates.placed)
    late = rates.broken + rates.late_slope * (drop_ms - rates.promised)
    return in_time if drop_ms <= rates.promised else late


@inlined
def order_cost(c: Ints, orders: Ints, o: int, drop_ms: int) -> int:
    """Return the cost of delivering an order at an instant."""
    return delay_cost(rates_of(c, orders, o), drop_ms)


@inlined
def idle_cost(c: Ints, orders: Ints, o: int) -> int:
    """Return the cost of having no rider: beyond the wait so far, or who waited long would wait forever."""
    now = max(c[NOW], orders[o, PLACED])
    return orders[o, WEIGHT] * 100 * c[UNASSIGNED] + order_cost(c, orders, o, now)


@inlined
def pay_ahead(c: Ints, riders: Ints, r: int, count: int) -> int:
    """Return by how much a rider who has delivered so many and one more earns beyond the guarantee (cost)."""
    ahead: int = (count + 1) * c[PAY_UNIT] - riders[r, GUARANTEED]
    return ahead


@inlined
def pay_cost(c: Ints, riders: Ints, r: int, count: int) -> int:
    """Return the cost of one order more for a rider who has delivered so many."""
    bound = 2 * c[PAY_UNIT]
    return min(max(pay_ahead(c, riders, r, count), -bound), bound)
