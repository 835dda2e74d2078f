"""From searched queues to a plan: what starts, why the others wait, what is foreseen."""

from collections.abc import Sequence
from operator import attrgetter

import numpy as np

from dispatch.explain import (
    NO_FREE_RIDER,
    NO_RIDER_IN_TIME,
    WAITS_FOR_BUSY_RIDER,
    WAITS_FOR_KITCHEN,
    WAITS_IN_QUEUE,
)
from dispatch.kernels.layout import (
    ALTERNATIVES,
    FREE,
    INFEASIBLE,
    LATEST,
    LONGEST,
    MERCHANT,
    MOST,
    PRICE_SIZE,
    READY,
    STARTS,
    WITHOUT_RIDER,
    Ints,
)
from dispatch.matching.rolling_cost import TripPrice, explain_trip, pay_cost
from dispatch.matching.rolling_params import RollingParams
from dispatch.matching.rolling_problem import Problem
from dispatch.snapshot import RiderView, Snapshot
from domain.ids import RiderId
from domain.plans import DispatchPlan, Explanation, Hold, PlannedTrip, QueuedTrip

_order_id = attrgetter("order_id")

REASONS = ("", WAITS_FOR_KITCHEN, WAITS_FOR_BUSY_RIDER, WAITS_IN_QUEUE, NO_FREE_RIDER)
"""Why an order is held, by what becomes of it (``dispatch/kernels/layout.py``)."""


def conclude_plan(
    snapshot: Snapshot, problem: Problem, rider_of: Ints, policy: str, params: RollingParams
) -> DispatchPlan:
    """Start what cannot wait, hold the rest with its reason, and keep the queues for the next decision.

    Parameters
    ----------
    snapshot : Snapshot
        What was decided on.
    problem : Problem
        Its arrays, with the queues that the search found.
    rider_of : array of int64, shape (orders,)
        The rider of every order, -1 for none.
    policy : str
        In whose name.
    params : RollingParams
        Costs.
    """
    # Kernels load numba, which takes a second: not every command needs it.
    from dispatch.kernels.commitment import conclude  # noqa: PLC0415
    from dispatch.kernels.unpacking import unpack  # noqa: PLC0415

    p = problem
    riders, orders = len(p.riders), len(p.order_rows)
    fate = np.empty(orders, dtype=np.int64)
    starts = np.empty(riders, dtype=np.int64)
    prices = np.empty((riders, PRICE_SIZE), dtype=np.int64)
    count = conclude(*p.arrays, fate, starts, prices)
    starts = starts[:count]
    times = np.empty((count, 2 + 2 * p.city[MOST]), dtype=np.int64)
    foreseen = np.empty(2 * riders * p.city[LONGEST] + orders, dtype=np.int64)
    end = unpack(p.city, p.order_rows, p.way, p.queues, starts, times, foreseen)
    rows = zip(starts.tolist(), times.tolist(), prices[:count].tolist(), strict=True)
    return DispatchPlan(
        snapshot.decision_id,
        policy,
        tuple([_trip(snapshot, p.riders, r, times_ms, price, params) for r, times_ms, price in rows]),
        _holds(snapshot, p, fate.tolist(), rider_of.tolist()),
        queues=_foreseen(snapshot, p.riders, foreseen[:end].tolist()),
    )


def _foreseen(snapshot: Snapshot, riders: Sequence[RiderView], numbers: list[int]) -> tuple[QueuedTrip, ...]:
    """Read the trips that are foreseen (``dispatch/kernels/unpacking.py``)."""
    order_ids = list(map(_order_id, snapshot.orders))
    trips: list[QueuedTrip] = []
    at = 0
    while at < len(numbers):
        first, end = at + 2, at + 2 + numbers[at + 1]
        ids = tuple([order_ids[o] for o in numbers[first:end]])
        trips.append(QueuedTrip(riders[numbers[at]].rider_id, ids))
        at = end
    return tuple(trips)


def _trip(
    snapshot: Snapshot,
    riders: Sequence[RiderView],
    r: int,
    times_ms: list[int],
    price: list[int],
    params: RollingParams,
) -> PlannedTrip:
    size, arrives_ms = times_ms[:2]
    orders = [snapshot.orders[o] for o in times_ms[2 : 2 + 2 * size : 2]]
    drops_ms = times_ms[3 : 3 + 2 * size : 2]
    rider = riders[r]
    others: list[tuple[RiderId, int]] = []
    for k in range(ALTERNATIVES):
        other, extra = price[2 + 2 * k], price[3 + 2 * k]
        if other >= 0 and extra < INFEASIBLE:
            others.append((riders[other].rider_id, extra))
    pay = pay_cost(snapshot, rider, rider.delivered, params)
    explanations = explain_trip(orders, drops_ms, arrives_ms, TripPrice(pay, price[1], tuple(others)), params)
    return PlannedTrip(rider.rider_id, tuple([order.order_id for order in orders]), explanations)


def _holds(snapshot: Snapshot, problem: Problem, fate: list[int], rider_of: list[int]) -> tuple[Hold, ...]:
    """Tell why orders wait, where that is news."""
    holds: list[Hold] = []
    for o, order in enumerate(snapshot.orders):
        what = fate[o]
        if what == STARTS:
            continue
        reason = REASONS[what]
        if what == WITHOUT_RIDER and not _is_possible(snapshot, problem, o):
            reason = NO_RIDER_IN_TIME
        if reason != order.held_reason:
            r = rider_of[o]
            foreseen = problem.riders[r].rider_id if r >= 0 else None
            holds.append(Hold(order.order_id, Explanation(reason=reason, foreseen=foreseen)))
    return tuple(holds)


def _is_possible(snapshot: Snapshot, problem: Problem, o: int) -> bool:
    """Tell whether anybody could pick an order up, as the next task, before the end of the shift."""
    rows, order = problem.rider_rows, problem.order_rows[o]
    reached_ms = rows[:, FREE] + problem.way[: len(rows), order[MERCHANT]] + snapshot.times.pickup_before_ms
    pickup_ms = np.maximum(reached_ms, order[READY])
    in_time = pickup_ms <= rows[:, LATEST]
    if len(problem.barred):
        in_time &= ~problem.barred[:, o]
    return bool(in_time.any())
