"""Where late minutes come from: every one of them is charged to exactly one cause.

The way of an order from placement to drop-off is cut into stages, one after the other, that cover it without
gaps. Each has the least that it can take when nothing goes wrong, its allowance; together the allowances are
the order's physical bound. What a stage takes beyond its allowance is its excess.

1. **Overpromised** is by how much the bound itself breaks the promise: it was too early from the start. This
   is charged to preparation and travel, in proportion to their allowances.
2. The rest of the lateness is charged to the stages with an excess, in proportion to it. Some of the excess
   may have been absorbed by slack (a promise later than the bound, a stage faster than its allowance). Which
   minute of excess was absorbed nobody can say: one less of any stage would have been one less of lateness,
   so all are treated alike, and none is spared because it came early.

In whole milliseconds the charges of an order are at least 0 and sum to its lateness exactly; the charge of a
cause does not fall when its own excess grows (but for rounding, by 1 ms). An order that was not delivered has
no last late minute: it is counted by the stage in which it ended, and no minutes are invented for it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from dispatch.metrics.day import Day
from dispatch.timelines import OrderTimeline
from domain.errors import InvalidValueError
from domain.ids import OrderId
from domain.units import Millis


class Cause(StrEnum):
    """What late minutes are charged to, in the sequence of an order's way."""

    PREPARATION = "preparation"
    """Cooking as long as was told at placement."""
    UNASSIGNED_WAIT = "unassigned_wait"
    """Food ready, and no rider assigned, or one who still had to end another trip."""
    FIRST_MILE = "first_mile"
    """Food ready, and the rider on the way to the merchant."""
    KITCHEN_WAIT = "kitchen_wait"
    """Food ready later than was told at placement, or handed over slowly."""
    DETOUR = "detour"
    """The others of the trip: waiting for their food, the way over their doors, and the time there."""
    TRAVEL = "travel"
    """The drive to the door, and driving slower than planned."""
    DROPOFF_DWELL = "dropoff_dwell"
    """Handing over at the door for longer than usual."""


CAUSES = tuple(Cause)


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of an order's way: how long it took, and the least that it can take (both in ms)."""

    cause: Cause
    took_ms: Millis
    allowance_ms: Millis = 0


@dataclass(frozen=True, slots=True)
class OrderDelay:
    """Why one order was late.

    Attributes
    ----------
    late_ms : int
        From the promise to the drop-off, above 0.
    overpromised_ms : int
        The part by which the promise was too early from the start.
    charges : mapping of Cause to int
        Milliseconds by cause; they sum to ``late_ms``.
    """

    order_id: OrderId
    late_ms: Millis
    overpromised_ms: Millis
    charges: Mapping[Cause, Millis]


@dataclass(frozen=True, slots=True)
class DelayAttribution:
    """Why a day's orders were late.

    Attributes
    ----------
    orders : tuple of OrderDelay
        The late ones, in the sequence of placement.
    undelivered : mapping of Cause to int
        Orders that were never delivered, by the stage in which they ended.
    """

    orders: tuple[OrderDelay, ...]
    undelivered: Mapping[Cause, int]

    @property
    def late_ms(self) -> Millis:
        """All lateness of the day."""
        return sum(order.late_ms for order in self.orders)

    @property
    def overpromised_ms(self) -> Millis:
        """The part by which promises were too early from the start."""
        return sum(order.overpromised_ms for order in self.orders)

    @property
    def charges(self) -> dict[Cause, Millis]:
        """The lateness of the day by cause; the sum is ``late_ms``."""
        return {cause: sum(order.charges[cause] for order in self.orders) for cause in CAUSES}


def attribute_delays(day: Day) -> DelayAttribution:
    """Charge every late minute of a day to its cause.

    Raises
    ------
    InvalidValueError
        If the day does not know its travel times.
    """
    return DelayAttribution(
        tuple(_late_orders(day)),
        Counter(_last_stage(day, order) for order in day.orders if order.delivered_at_ms is None),
    )


def charge(stages: Sequence[Stage], late_ms: Millis) -> tuple[dict[Cause, Millis], Millis]:
    """Charge the lateness of one order to its stages.

    Parameters
    ----------
    stages : sequence of Stage
        The whole way; a cause may come more than once.
    late_ms : int
        From the promise to the end of the last stage, 0 or more; at most what the stages took.

    Returns
    -------
    charges : dict
        Milliseconds by cause, each 0 or more; they sum to ``late_ms``.
    overpromised_ms : int
        How much of it was charged because the allowances alone break the promise.
    """
    took_ms = sum(stage.took_ms for stage in stages)
    bound_ms = sum(stage.allowance_ms for stage in stages)
    overpromised_ms = min(late_ms, max(0, bound_ms - (took_ms - late_ms)))
    charges = dict.fromkeys(CAUSES, 0)
    inherent = [
        stage.allowance_ms if stage.cause in (Cause.PREPARATION, Cause.TRAVEL) else 0 for stage in stages
    ]
    excess = [max(0, stage.took_ms - stage.allowance_ms) for stage in stages]
    for total_ms, weights in ((overpromised_ms, inherent), (late_ms - overpromised_ms, excess)):
        for stage, part_ms in zip(stages, _shared_out(total_ms, weights), strict=True):
            charges[stage.cause] += part_ms
    return charges, overpromised_ms


def stages_of(day: Day, order: OrderTimeline) -> tuple[Stage, ...]:
    """Cut the way of a delivered order into stages that sum to its click-to-door.

    Until the food is ready only the kitchen can be to blame, wherever the rider is. From then on it is the
    rider: not assigned, on the way, and at last at the counter, alone or for others of the trip. The planned
    drives tell a detour from slow driving.

    Raises
    ------
    InvalidValueError
        If the day does not know its travel times.
    """
    times, floor = day.times, day.floor
    placed_ms, taken_ms = floor(order.placed_at_ms), floor(_known(order.picked_up_at_ms, order))
    delivered_ms = floor(_known(order.delivered_at_ms, order))
    door_ms = _between(taken_ms, delivered_ms - times.dropoff_before_ms, delivered_ms)
    if order.at_door_at_ms is not None:
        door_ms = floor(order.at_door_at_ms)
    told_ms = max(floor(order.announced_ready_at_ms), placed_ms + times.pickup_before_ms)
    cooked_ms = min(told_ms, taken_ms)
    ready_ms = _between(cooked_ms, floor(order.ready_at_ms), taken_ms)
    set_out_ms = _between(ready_ms, floor(order.set_out_at_ms or 0), taken_ms)
    at_counter_ms = floor(order.at_merchant_at_ms or taken_ms) + times.pickup_before_ms
    at_counter_ms = _between(set_out_ms, at_counter_ms, taken_ms)
    trip = day.timelines.trips.get(order.trip_id or "")
    at_counter = Cause.KITCHEN_WAIT if trip is None or trip.orders == 1 else Cause.DETOUR
    direct_ms = day.direct_ms(order)
    if direct_ms is None:
        raise InvalidValueError("travel", None, "the travel times of the city")
    carried_ms = door_ms - taken_ms - times.pickup_after_ms
    others_ms = order.others_ms + order.others * times.dropoff_after_ms
    detour_ms = order.legs_ms - direct_ms + others_ms if order.others else 0
    return (
        Stage(Cause.PREPARATION, cooked_ms - placed_ms, told_ms - placed_ms),
        Stage(Cause.KITCHEN_WAIT, ready_ms - cooked_ms),
        Stage(Cause.UNASSIGNED_WAIT, set_out_ms - ready_ms),
        Stage(Cause.FIRST_MILE, at_counter_ms - set_out_ms),
        Stage(at_counter, taken_ms - at_counter_ms + times.pickup_after_ms, times.pickup_after_ms),
        Stage(Cause.DETOUR, detour_ms),
        Stage(Cause.TRAVEL, carried_ms - detour_ms, direct_ms),
        Stage(Cause.DROPOFF_DWELL, delivered_ms - door_ms, times.dropoff_before_ms),
    )


def _late_orders(day: Day) -> Iterator[OrderDelay]:
    for order in day.orders:
        if order.delivered_at_ms is None:
            continue
        late_ms = day.floor(order.delivered_at_ms) - day.floor(order.promised_at_ms)
        if late_ms > 0:
            charges, overpromised_ms = charge(stages_of(day, order), late_ms)
            yield OrderDelay(order.order_id, late_ms, overpromised_ms, charges)


def _last_stage(day: Day, order: OrderTimeline) -> Cause:
    """Return the stage in which an order ended that was never delivered."""
    trip = day.timelines.trips.get(order.trip_id or "")
    if order.at_door_at_ms is not None:
        return Cause.DROPOFF_DWELL
    if order.picked_up_at_ms is not None:
        return Cause.TRAVEL
    if trip is None:
        return Cause.UNASSIGNED_WAIT
    return Cause.FIRST_MILE if trip.at_merchant_at_ms is None else Cause.KITCHEN_WAIT


def _shared_out(total_ms: Millis, weights: Sequence[Millis]) -> list[Millis]:
    """Share a total out in proportion to weights, in whole milliseconds that sum to it exactly.

    Each part is the step between two floors of the running share, so that it is off by less than 1 ms.
    Without any weight all of it is the first one's.
    """
    whole = sum(weights)
    if not whole:
        return [total_ms, *(0 for _ in weights[1:])]
    ends = [total_ms * part // whole for part in accumulate(weights)]
    return [end - before for before, end in zip([0, *ends[:-1]], ends, strict=True)]


def _between(low: Millis, value: Millis, high: Millis) -> Millis:
    return max(low, min(value, high))


def _known(at_ms: Millis | None, order: OrderTimeline) -> Millis:
    """Return an instant of a delivered order; one that was never picked up was so when it was handed over."""
    return order.delivered_at_ms or order.placed_at_ms if at_ms is None else at_ms
