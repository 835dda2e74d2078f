"""From chosen pairs of bundles and riders to a plan: what starts now, why others wait, what is foreseen."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from dispatch.explain import (
    ALTERNATIVES_KEPT,
    KITCHEN,
    NO_FREE_RIDER,
    NO_RIDER_IN_TIME,
    RIDER_ARRIVAL,
    SEQUENCE,
    WAITS_FOR_BUSY_RIDER,
    WAITS_FOR_KITCHEN,
    WAITS_IN_QUEUE,
)
from dispatch.kernels.groups import Ints
from dispatch.matching.bundles import Bundles, OrderTable
from dispatch.matching.pairs import COST_UNITS_PER_MINUTE, Choice, Pairs
from dispatch.snapshot import Snapshot
from domain.ids import RiderId
from domain.plans import Alternative, CostTerm, DispatchPlan, Explanation, Hold, PlannedTrip, QueuedTrip
from domain.units import MINUTE_MS, Millis

Terms: TypeAlias = Callable[[int, Millis, Millis], tuple[CostTerm, ...]]
"""What one order costs, in minutes, from its index and the instants of its pickup and drop-off."""


@dataclass(frozen=True, slots=True)
class Round:
    """One trip for every rider: which bundles were left, and who takes which.

    Attributes
    ----------
    bundles : Bundles
        Those that no round before took.
    pairs, choice : Pairs, Choice
        What was possible and what was chosen.
    trips : array of int64, shape (riders,)
        How many trips every rider had before.
    """

    bundles: Bundles
    pairs: Pairs
    choice: Choice
    trips: Ints


def plan_rounds(
    snapshot: Snapshot, rounds: tuple[Round, ...], policy: str, reason: str, terms: Terms, *, foresee: bool
) -> DispatchPlan:
    """Start the trips of the first round that cannot wait, hold everything else.

    Parameters
    ----------
    snapshot : Snapshot
        What was decided on.
    rounds : tuple of Round
        One after another, at least one.
    policy, reason : str
        In whose name, and the word for a trip that starts.
    terms : callable
        What an order costs, for explanations.
    foresee : bool
        Whether the plan tells what it foresees, so that the next one can begin with it.
    """
    trips: list[PlannedTrip] = []
    waiting: dict[int, tuple[str, RiderId | None]] = {}
    queues: dict[RiderId, list[QueuedTrip]] = {}
    for round_ in rounds:
        for k, pair in enumerate(round_.choice.pair.tolist()):
            orders = round_.bundles.orders[k, : round_.bundles.size[k]].tolist()
            if pair < 0:
                if round_ is rounds[-1]:
                    waiting |= dict.fromkeys(orders, (_nobody(rounds, round_, k), None))
                continue
            rider_id = snapshot.riders[int(round_.pairs.rider[pair])].rider_id
            why = _reason_to_hold(snapshot, round_, pair)
            if why:
                waiting |= dict.fromkeys(orders, (why, rider_id))
                ids = tuple([snapshot.orders[o].order_id for o in orders])
                queues.setdefault(rider_id, []).append(QueuedTrip(rider_id, ids))
            else:
                trips.append(_trip(snapshot, round_, k, reason, terms))
    return DispatchPlan(
        snapshot.decision_id,
        policy,
        tuple(trips),
        tuple(_holds(snapshot, waiting, foresee)),
        tuple([trip for rider_id in sorted(queues) for trip in queues[rider_id]]) if foresee else (),
    )


def _holds(snapshot: Snapshot, waiting: dict[int, tuple[str, RiderId | None]], foresee: bool) -> list[Hold]:
    """Tell why orders wait, where that is news."""
    return [
        Hold(order.order_id, Explanation(reason=waiting[o][0], foreseen=waiting[o][1] if foresee else None))
        for o, order in enumerate(snapshot.orders)
        if o in waiting and waiting[o][0] != order.held_reason
    ]


def _nobody(rounds: tuple[Round, ...], last: Round, k: int) -> str:
    """Return why a bundle has no rider at all: whether anybody could pick it up in time."""
    alone = len(rounds) == 1
    return NO_RIDER_IN_TIME if alone and last.choice.first[k] == last.choice.first[k + 1] else NO_FREE_RIDER


def _reason_to_hold(snapshot: Snapshot, round_: Round, pair: int) -> str:
    """Return why a chosen pair does not start now; empty when it does.

    The next decision is early enough as long as the rider would still be there when the food is ready.
    """
    pairs = round_.pairs
    ready_ms = int(round_.bundles.ready_ms[pairs.bundle[pair]])
    rider = int(pairs.rider[pair])
    if round_.trips[rider]:
        return WAITS_IN_QUEUE
    if not snapshot.riders[rider].is_free:
        return WAITS_FOR_KITCHEN if pairs.pickup_ms[pair] <= ready_ms else WAITS_FOR_BUSY_RIDER
    leaves_ms = snapshot.rules.floor(snapshot.next_epoch_ms)
    arrives_ms = leaves_ms + int(pairs.drive_ms[pair]) + snapshot.times.pickup_before_ms
    return WAITS_FOR_KITCHEN if arrives_ms <= ready_ms else ""


def _trip(snapshot: Snapshot, round_: Round, k: int, reason: str, terms: Terms) -> PlannedTrip:
    bundles, pair = round_.bundles, int(round_.choice.pair[k])
    pickup_ms = int(round_.pairs.pickup_ms[pair])
    others = _alternatives(snapshot, round_, k)
    floor = snapshot.rules.floor
    first = RIDER_ARRIVAL if pickup_ms > bundles.ready_ms[k] else KITCHEN
    order_ids, explanations = [], []
    for stop in range(int(bundles.size[k])):
        order = int(bundles.orders[k, stop])
        drop_ms = pickup_ms + int(bundles.drop_ms[k, stop])
        order_ids.append(snapshot.orders[order].order_id)
        cost = terms(order, floor(pickup_ms), floor(drop_ms))
        explanations.append(Explanation(cost, others, reason, SEQUENCE if stop else first))
    rider_id = snapshot.riders[int(round_.pairs.rider[pair])].rider_id
    return PlannedTrip(rider_id, tuple(order_ids), tuple(explanations))


def _alternatives(snapshot: Snapshot, round_: Round, k: int) -> tuple[Alternative, ...]:
    """Return the best other riders for the whole bundle, after what is planned for them, cheapest first."""
    pairs, chosen = round_.pairs, int(round_.choice.pair[k])
    begin, end = int(round_.choice.first[k]), int(round_.choice.first[k + 1])
    delta = (pairs.cost[begin:end] - pairs.cost[chosen]).tolist()
    others = sorted(zip(delta, pairs.rider[begin:end].tolist(), strict=True))
    return tuple(
        Alternative(snapshot.riders[rider].rider_id, more / COST_UNITS_PER_MINUTE)
        for more, rider in [pair for pair in others if pair[1] != pairs.rider[chosen]][:ALTERNATIVES_KEPT]
    )


def in_minutes(**parts_ms: float) -> tuple[CostTerm, ...]:
    """Return terms in minutes from durations in ms."""
    return tuple(CostTerm(name, value / MINUTE_MS, "min") for name, value in parts_ms.items())


def delay_terms(snapshot: Snapshot, table: OrderTable) -> Terms:
    """Return terms for a cost that is the delivery time beyond the shortest possible."""
    stops_ms = snapshot.times.pickup_after_ms + snapshot.times.dropoff_before_ms

    def terms(order: int, pickup_ms: Millis, drop_ms: Millis) -> tuple[CostTerm, ...]:
        direct_ms = stops_ms + int(table.last_mile_ms[order])
        return in_minutes(
            pickup_after_ready=pickup_ms - int(table.ready_ms[order]), detour=drop_ms - pickup_ms - direct_ms
        )

    return terms
