"""From searched queues to a plan: what starts, why the others wait, what is foreseen."""

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
    LAST_MILE,
    LATEST,
    MERCHANT,
    MOST,
    PRICE_SIZE,
    READY,
    STARTS,
    TRIPS,
    WITHOUT_RIDER,
    Ints,
)
from dispatch.matching.rolling_cost import TripPrice, explain_trip, pay_cost
from dispatch.matching.rolling_params import RollingParams
from dispatch.matching.rolling_problem import Problem
from dispatch.snapshot import Snapshot
from domain.ids import RiderId
from domain.plans import DispatchPlan, Explanation, Hold, PlannedTrip, QueuedTrip

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

    p = problem
    riders = len(p.riders)
    fate = np.empty(len(p.order_rows), dtype=np.int64)
    starts = np.empty(riders, dtype=np.int64)
    prices = np.empty((riders, PRICE_SIZE), dtype=np.int64)
    count = conclude(p.city, p.rider_rows, p.order_rows, p.way, p.barred, p.queues, fate, starts, prices)
    starting: list[int] = starts[:count].tolist()
    queues = _read(p)
    trips = tuple(
        [_trip(snapshot, p, r, queues[r][0], prices[k].tolist(), params) for k, r in enumerate(starting)]
    )
    for r in starting:
        del queues[r][0]
    holds = _holds(snapshot, p, fate.tolist(), rider_of.tolist())
    return DispatchPlan(
        snapshot.decision_id,
        policy,
        trips,
        holds,
        queues=tuple(
            [
                QueuedTrip(p.riders[r].rider_id, tuple([snapshot.orders[o].order_id for o in trip]))
                for r, rest in queues.items()
                for trip in rest
            ]
        ),
    )


def _read(problem: Problem) -> dict[int, list[list[int]]]:
    """Return the queues that are not empty: by rider, the orders of each trip."""
    step = int(problem.city[MOST]) + 1
    busy: list[int] = np.flatnonzero(problem.queues[:-1, TRIPS]).tolist()
    queues: dict[int, list[list[int]]] = {}
    for r, row in zip(busy, problem.queues[busy].tolist(), strict=True):
        ats = range(1, 1 + row[TRIPS] * step, step)
        queues[r] = [row[at + 1 : at + 1 + row[at]] for at in ats]
    return queues


def _trip(
    snapshot: Snapshot, problem: Problem, r: int, numbers: list[int], price: list[int], params: RollingParams
) -> PlannedTrip:
    orders = [snapshot.orders[o] for o in numbers]
    rider = problem.riders[r]
    times, way, riders = snapshot.times, problem.way, len(problem.riders)
    merchants = problem.way.shape[1] - len(problem.order_rows)
    first = numbers[0]
    now_ms = snapshot.rules.floor(snapshot.at_ms)
    arrives_ms = now_ms + int(way[r, problem.order_rows[first, MERCHANT]]) + times.pickup_before_ms
    at_ms = max(arrives_ms, *[order.ready_at_ms for order in orders]) + times.pickup_after_ms
    drive_ms = int(problem.order_rows[first, LAST_MILE])
    drops_ms = []
    for k, o in enumerate(numbers):
        if k:
            drive_ms = int(way[riders + numbers[k - 1], merchants + o])
        at_ms += drive_ms + times.dropoff_before_ms
        drops_ms.append(at_ms)
        at_ms += times.dropoff_after_ms
    others: list[tuple[RiderId, int]] = []
    for k in range(ALTERNATIVES):
        other, extra = price[2 + 2 * k], price[3 + 2 * k]
        if other >= 0 and extra < INFEASIBLE:
            others.append((problem.riders[other].rider_id, extra))
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
