"""Where idle riders should wait: near the kitchens whose orders are expected next.

Demand is what the last orders were, the newest counting most. Each rider who is or becomes free within the
horizon covers at most one expected order, so that the drives to all of them are shortest together; an idle
rider then waits at the one of the covered kitchens from which the others are nearest. With the same demand
each move shortens that sum by the least saving or more, so that riders come to rest.

References
----------
.. [1] Alonso-Mora, J., Samaranayake, S., Wallar, A., Frazzoli, E., Rus, D. (2017). On-demand high-capacity
   ride-sharing via dynamic trip-vehicle assignment. PNAS 114, 462-467. doi:10.1073/pnas.1611675114 (idle
   vehicles are assigned to where requests are, at the least travel time together).
.. [2] Liu, Y., Samaranayake, S. (2019). Proactive rebalancing and speed-up techniques for on-demand high
   capacity ridesourcing services. arXiv:1902.03374 (to where they are expected, from past demand).
.. [3] Cooper, L. (1964). Heuristic methods for location-allocation problems. SIAM Review 6, 37-53
   (allocate, then place each by what it was allocated).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import log

import numpy as np
from numpy.typing import NDArray

from dispatch.candidates import NOBODY, Starts, nearest_riders
from dispatch.explain import ORDERS_EXPECTED
from dispatch.params import PrepositioningParams
from dispatch.snapshot import RiderView, Snapshot
from domain.ids import RiderId
from domain.plans import CostTerm, DispatchPlan, Explanation, Move
from domain.ports import LocationKey, TravelTimes
from domain.units import HOUR_MS, MINUTE_MS, Millis

Ints = NDArray[np.int64]

UNIT = 100
"""Expected orders are counted in hundredths: a flow has whole numbers."""

UNCOVERED_MS = 2 * HOUR_MS
"""What an expected order costs for which nobody is left: more than any drive, so that all riders are used."""


def with_moves(snapshot: Snapshot, plan: DispatchPlan, travel: TravelTimes) -> DispatchPlan:
    """Return a policy's plan with advice to the riders for whom it has no use; itself where that is off."""
    moves = plan_moves(snapshot, plan, travel)
    return replace(plan, moves=moves) if moves else plan


def plan_moves(snapshot: Snapshot, plan: DispatchPlan, travel: TravelTimes) -> tuple[Move, ...]:
    """Decide who should wait elsewhere. Pure: the same snapshot and plan always give the same moves.

    Parameters
    ----------
    snapshot : Snapshot
        The situation; its recent orders are all that is known of demand.
    plan : DispatchPlan
        What a policy decided: riders whom it starts or foresees for a trip are left alone.
    travel : TravelTimes
        How long drives take.

    Notes
    -----
    Cost: riders x places for the travel times, then a flow over at most 24 arcs a place.
    """
    params = snapshot.prepositioning
    if params is None or not snapshot.rules.prepositioning or not snapshot.recent:
        return ()
    idle, cover = _who_covers(snapshot, plan, params)
    if not idle:
        return ()
    places, expected = expected_pickups(snapshot, params)
    moves: list[Move] = []
    for row, covered, units in _shares(snapshot, cover, places, expected, travel):
        if row < len(idle):
            move = _move(snapshot, idle[row], [places[k] for k in covered], units, params, travel)
            moves += [] if move is None else [move]
    return tuple(moves)


def expected_pickups(snapshot: Snapshot, params: PrepositioningParams) -> tuple[list[LocationKey], Ints]:
    """Return the kitchens where orders are expected within the horizon, and how many, in hundredths.

    The rate of a kitchen is the mean of its recent orders over time, weighted by ``2 ** (-age / half life)``.
    """
    weights: dict[LocationKey, float] = {}
    for order in snapshot.recent:
        weight = 0.5 ** ((snapshot.at_ms - order.placed_at_ms) / params.half_life_ms)
        weights[order.pickup] = weights.get(order.pickup, 0.0) + weight
    # The integral of the weight over the time that counts as recent: an order a minute gives a rate of one.
    mean_ms = params.half_life_ms / log(2) * (1 - 0.5 ** (snapshot.recent_ms / params.half_life_ms))
    units = {place: round(UNIT * w * params.horizon_ms / mean_ms) for place, w in sorted(weights.items())}
    likely = {place: count for place, count in units.items() if count}
    return list(likely), np.array(list(likely.values()), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Cover:
    """A rider who can take an expected order.

    Attributes
    ----------
    location : int
        Where the rider waits, or is going to.
    from_ms : int
        From when on.
    ends_ms : int
        No pickup after it.
    """

    location: LocationKey
    from_ms: Millis
    ends_ms: Millis


def _who_covers(
    snapshot: Snapshot, plan: DispatchPlan, params: PrepositioningParams
) -> tuple[list[RiderView], list[_Cover]]:
    """Return the riders who can be moved, and all who cover demand, with those first."""
    engaged = busy_riders(plan)
    under_way = {rider.rider_id: rider for rider in snapshot.moving}
    last_ms = snapshot.at_ms + params.horizon_ms
    idle: list[RiderView] = []
    others: list[_Cover] = []
    for rider in (*snapshot.riders, *snapshot.coming):
        if rider.rider_id in engaged or rider.free_at_ms > last_ms:
            continue
        move = under_way.get(rider.rider_id)
        if move is not None:
            # As if there already: else somebody as far away would be sent after the first.
            others.append(_Cover(move.destination, snapshot.at_ms, rider.shift_ends_at_ms))
        elif rider.is_free and snapshot.at_ms + params.before_end_ms <= rider.shift_ends_at_ms:
            idle.append(rider)
        else:
            others.append(
                _Cover(rider.location, max(rider.free_at_ms, snapshot.at_ms), rider.shift_ends_at_ms)
            )
    return idle, [_Cover(r.location, r.free_at_ms, r.shift_ends_at_ms) for r in idle] + others


def busy_riders(plan: DispatchPlan) -> set[RiderId]:
    """Return the riders whom a plan starts or foresees for a trip."""
    return {trip.rider_id for trip in plan.trips} | {trip.rider_id for trip in plan.queues}


def _shares(
    snapshot: Snapshot, cover: list[_Cover], places: list[LocationKey], expected: Ints, travel: TravelTimes
) -> Iterator[tuple[int, list[int], Ints]]:
    """Yield for each rider with expected orders the row, their places and how many there, in hundredths."""
    if not places:
        return
    begin = Starts(
        np.array([c.location for c in cover], dtype=np.int64),
        np.array([c.from_ms for c in cover], dtype=np.int64),
        np.array([c.ends_ms for c in cover], dtype=np.int64),
    )
    near = nearest_riders(snapshot, begin, places, np.full(len(places), snapshot.at_ms), travel)
    real = near.rider != NOBODY
    place, rider = np.nonzero(real)[0], near.rider[real]
    flow = _flow(
        place, rider, near.drive_ms[real] + begin.free_ms[rider] - snapshot.at_ms, expected, len(cover)
    )
    used = flow > 0
    place, rider, flow = place[used], rider[used], flow[used]
    for row in np.unique(rider).tolist():
        mine = rider == row
        yield row, place[mine].tolist(), flow[mine]


def _flow(place: Ints, rider: Ints, costs_ms: Ints, expected: Ints, riders: int) -> Ints:
    """Cover the expected orders at the least total time, no rider more than one; return each pair's part."""
    # OR-tools takes a moment to load, and only who is prepositioning needs it.
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415

    count = len(expected)
    every_place, every_rider, sink = np.arange(count), np.arange(riders), count + riders
    flow = SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate((place, every_place, count + every_rider)),
        np.concatenate((count + rider, np.full(count + riders, sink))),
        np.concatenate((np.full(len(place), UNIT), expected, np.full(riders, UNIT))),
        np.concatenate((costs_ms, np.full(count, UNCOVERED_MS), np.zeros(riders, dtype=np.int64))),
    )
    flow.set_nodes_supplies(np.append(every_place, sink), np.append(expected, -expected.sum()))
    status = flow.solve()
    if status != flow.OPTIMAL:  # every place has its own arc to the sink
        raise AssertionError(f"a flow that is always possible ended with {status}")
    return np.asarray(flow.flows(np.arange(len(place))), dtype=np.int64)


def _move(
    snapshot: Snapshot,
    rider: RiderView,
    places: list[LocationKey],
    units: Ints,
    params: PrepositioningParams,
    travel: TravelTimes,
) -> Move | None:
    """Return where a rider should wait for the orders covered; None to stay."""
    drives_ms = travel.durations_ms([rider.location], places, snapshot.at_ms)[0]
    here_ms = int(drives_ms @ units) // UNIT
    if here_ms < params.least_saving_ms:
        return None
    there_ms = travel.durations_ms(places, places, snapshot.at_ms) @ units // UNIT
    there_ms[drives_ms > params.most_drive_ms] = here_ms
    best = int(there_ms.argmin())
    if here_ms - int(there_ms[best]) < params.least_saving_ms:
        return None
    return Move(
        rider.rider_id,
        places[best],
        _explanation(int(units.sum()), here_ms, int(there_ms[best]), int(drives_ms[best])),
    )


def _explanation(units: int, here_ms: Millis, there_ms: Millis, drive_ms: Millis) -> Explanation:
    terms = (
        CostTerm("expected_orders", units / UNIT, "orders"),
        CostTerm("first_mile_here", here_ms / MINUTE_MS, "min"),
        CostTerm("first_mile_there", there_ms / MINUTE_MS, "min"),
        CostTerm("saved", (here_ms - there_ms) / MINUTE_MS, "min"),
        CostTerm("drive_there", drive_ms / MINUTE_MS, "min"),
    )
    return Explanation(terms, (), ORDERS_EXPECTED)
