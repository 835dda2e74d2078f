"""Explanations computed a second time, from the snapshot and the plan alone.

A policy whose explanations follow from the snapshot and its plan names a function here that computes them
without the policy's own tables and kernels. What no function covers is decided again: the same snapshot
always gives the same plan, unless a clock cut the search short.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from dispatch.capacity import Fitted, fit
from dispatch.explain import (
    ALTERNATIVES_KEPT,
    CHEAPEST_ASSIGNMENT,
    NEAREST_FREE_RIDER,
    NO_RIDER_CAN_CARRY,
)
from dispatch.fallback import DEFAULT_LIMITS, FALLBACK, plan_fallback
from dispatch.matching import MATCHERS, Budget
from dispatch.matching.rolling_explain import explain_hold_again, explain_trip_again, is_for_whole_city
from dispatch.params import VerifierParams
from dispatch.snapshot import OpenOrder, RiderView, Snapshot
from domain.ids import OrderId
from domain.plans import Alternative, CostTerm, DispatchPlan, Explanation
from domain.ports import TravelTimes
from domain.units import MINUTE_MS, Millis

TripExplainer = Callable[[Snapshot, DispatchPlan, int, TravelTimes], tuple[Explanation, ...]]
"""Computes the explanations of one trip of a plan, by its index, in the sequence of its orders."""

HoldExplainer = Callable[[Snapshot, DispatchPlan, int, TravelTimes], Explanation]
"""Computes the explanation of one hold of a plan, by its index."""


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation of a plan, as it is in the plan and as it comes out again.

    Attributes
    ----------
    logged : Explanation
        As the plan has it.
    again : Explanation or None
        As it comes out now; None where what is decided now is something else.
    """

    order_id: OrderId
    logged: Explanation
    again: Explanation | None

    @property
    def is_same(self) -> bool:
        """Whether both are equal, to the last digit."""
        return self.logged == self.again


def explain_again(
    snapshot: Snapshot, plan: DispatchPlan, travel: TravelTimes, limits: VerifierParams = DEFAULT_LIMITS
) -> list[Explained] | None:
    """Return every explanation of a plan beside the one that its snapshot gives now.

    Parameters
    ----------
    snapshot : Snapshot
        The situation that was decided on.
    plan : DispatchPlan
        What was decided.
    travel : TravelTimes
        How long drives take.
    limits : VerifierParams
        The city's soft limits, which plans of the fallback keep.

    Returns
    -------
    list of Explained or None
        Trips, then additions, then holds; None where only deciding again would tell, and that is not
        possible: the policy is unknown, or a clock cut its search short.

    Notes
    -----
    O(trips x riders) where a function covers the policy, else what a decision costs.
    """
    decided: dict[_Key, Explanation] = {}
    fitted = fit(snapshot)
    if _must_decide(fitted.snapshot, plan):
        anew = _decide_again(snapshot, plan, travel, limits)
        if anew is None:
            return None
        decided = dict(_explanations(anew))
    again = decided | dict(_computed(fitted, plan, travel))
    return [Explained(key[1], logged, again.get(key)) for key, logged in _explanations(plan)]


_Key = tuple[str, OrderId]
"""Who was chosen for which order: the rider of a trip, the trip of an addition, nobody for a hold."""


def _decide_again(
    snapshot: Snapshot, plan: DispatchPlan, travel: TravelTimes, limits: VerifierParams
) -> DispatchPlan | None:
    if plan.policy == FALLBACK:
        return plan_fallback(snapshot, travel, limits)
    matcher = MATCHERS.get(plan.policy)
    return None if matcher is None or plan.cut else matcher.decide(snapshot, travel, Budget())


def _must_decide(snapshot: Snapshot, plan: DispatchPlan) -> bool:
    return bool(
        (plan.trips and not _is_covered(snapshot, plan, TRIP_EXPLAINERS))
        or plan.additions
        or (plan.holds and not _is_covered(snapshot, plan, HOLD_EXPLAINERS))
    )


def _is_covered(snapshot: Snapshot, plan: DispatchPlan, explainers: Mapping[str, object]) -> bool:
    if plan.policy not in explainers:
        return False
    return plan.policy not in POLICIES_OF_QUEUES or not is_for_whole_city(snapshot, plan)


def _explanations(plan: DispatchPlan) -> Iterator[tuple[_Key, Explanation]]:
    for trip in plan.trips:
        for order_id, explanation in zip(trip.order_ids, trip.explanations, strict=True):
            yield (trip.rider_id, order_id), explanation
    for addition in plan.additions:
        for order_id, explanation in zip(addition.added, addition.explanations, strict=True):
            yield (addition.trip_id, order_id), explanation
    for hold in plan.holds:
        yield ("", hold.order_id), hold.explanation


def _computed(fitted: Fitted, plan: DispatchPlan, travel: TravelTimes) -> Iterator[tuple[_Key, Explanation]]:
    snapshot = fitted.snapshot
    too_large = {order.order_id for order in fitted.too_large}
    trips = plan.trips if _is_covered(snapshot, plan, TRIP_EXPLAINERS) else ()
    for k, trip in enumerate(trips):
        explanations = TRIP_EXPLAINERS[plan.policy](snapshot, plan, k, travel)
        for order_id, explanation in zip(trip.order_ids, explanations, strict=True):
            yield (trip.rider_id, order_id), explanation
    holds = plan.holds if _is_covered(snapshot, plan, HOLD_EXPLAINERS) else ()
    for k, hold in enumerate(holds):
        if hold.order_id in too_large:
            yield ("", hold.order_id), Explanation(reason=NO_RIDER_CAN_CARRY)
        else:
            yield ("", hold.order_id), HOLD_EXPLAINERS[plan.policy](snapshot, plan, k, travel)


def _nearest_trip(
    snapshot: Snapshot, plan: DispatchPlan, trip: int, travel: TravelTimes
) -> tuple[Explanation, ...]:
    """Compare the free riders whom the trips before have left, as ``nearest`` does."""
    taken = {earlier.rider_id for earlier in plan.trips[:trip]}
    riders = [rider for rider in snapshot.riders if rider.is_free and rider.rider_id not in taken]
    return (_compare_pickups(snapshot, plan, trip, riders, travel, NEAREST_FREE_RIDER),)


def _hungarian_trip(
    snapshot: Snapshot, plan: DispatchPlan, trip: int, travel: TravelTimes
) -> tuple[Explanation, ...]:
    """Compare all riders, free or still on a trip, as ``hungarian`` does."""
    return (_compare_pickups(snapshot, plan, trip, list(snapshot.riders), travel, CHEAPEST_ASSIGNMENT),)


def _compare_pickups(
    snapshot: Snapshot,
    plan: DispatchPlan,
    trip: int,
    riders: list[RiderView],
    travel: TravelTimes,
    reason: str,
) -> Explanation:
    planned = plan.trips[trip]
    order = next(order for order in snapshot.orders if order.order_id == planned.order_ids[0])
    chosen = next(rider for rider in riders if rider.rider_id == planned.rider_id)
    drive_ms = travel.duration_ms(chosen.location, order.pickup, snapshot.at_ms)
    pickup_ms = _pickup_ms(snapshot, order, chosen, drive_ms)
    others: list[tuple[Millis, str]] = []
    for rider in riders:
        at_ms = _pickup_ms(
            snapshot, order, rider, travel.duration_ms(rider.location, order.pickup, snapshot.at_ms)
        )
        in_shift = snapshot.rules.floor(at_ms) <= rider.shift_ends_at_ms
        if rider is not chosen and in_shift and rider.rider_id not in order.declined_by:
            others.append((at_ms, rider.rider_id))
    terms = (
        CostTerm("first_mile", drive_ms / MINUTE_MS, "min"),
        CostTerm("pickup_after_ready", (pickup_ms - order.ready_at_ms) / MINUTE_MS, "min"),
        CostTerm("pickup_after_placed", (pickup_ms - order.placed_at_ms) / MINUTE_MS, "min"),
    )
    best = sorted(others)[:ALTERNATIVES_KEPT]  # snapshots list riders by id: so ties go to the smaller one
    alternatives = tuple(Alternative(rider_id, (at_ms - pickup_ms) / MINUTE_MS) for at_ms, rider_id in best)
    return Explanation(terms, alternatives, reason)


def _pickup_ms(snapshot: Snapshot, order: OpenOrder, rider: RiderView, drive_ms: Millis) -> Millis:
    return max(rider.free_at_ms + drive_ms + snapshot.times.pickup_before_ms, order.ready_at_ms)


POLICIES_OF_QUEUES = ("rolling", "improve")
"""The policies that plan queues; they differ in how long they search, not in what they explain."""

TRIP_EXPLAINERS: Mapping[str, TripExplainer] = {
    "nearest": _nearest_trip,
    "hungarian": _hungarian_trip,
    **dict.fromkeys(POLICIES_OF_QUEUES, explain_trip_again),
}
"""The policies whose trips are explained a second time without deciding again."""

HOLD_EXPLAINERS: Mapping[str, HoldExplainer] = dict.fromkeys(POLICIES_OF_QUEUES, explain_hold_again)
"""The policies whose holds are explained a second time without deciding again."""
