"""A decision for a whole city: everybody at most once, nothing lost, and told as it is."""

from dataclasses import replace

import pytest

from cli.bench.city_moments import CityMoments, Size
from dispatch.matching.large import DEFAULT_PARAMS, decide_large
from dispatch.snapshot import Snapshot
from domain.plans import DispatchPlan
from domain.units import HOUR_MS, MINUTE_MS
from tests.dispatch.brute_force import cost_of_plan
from tests.dispatch.test_optimality import large_objective, small_case

SIZES = ((60, 200), (300, 150), (150, 150))


def planned(size: tuple[int, int], moments: int = 3) -> list[tuple[Snapshot, CityMoments, DispatchPlan]]:
    """A city over some decisions, each from what the one before left."""
    city, found = CityMoments(Size(*size)), []
    for _ in range(moments):
        snapshot = city.snapshot
        plan = decide_large(snapshot, city.plane, "large")
        assert plan == decide_large(snapshot, city.plane, "large")
        found.append((snapshot, city, plan))
        city.move_on(plan)
    return found


@pytest.mark.parametrize("size", SIZES)
def test_everybody_at_most_once_and_nothing_lost(size: tuple[int, int]) -> None:
    for snapshot, _, plan in planned(size):
        free = {rider.rider_id for rider in snapshot.riders if rider.is_free}
        starting = [trip.rider_id for trip in plan.trips]
        assert set(starting) <= free
        assert len(set(starting)) == len(starting)
        started = [order_id for trip in plan.trips for order_id in trip.order_ids]
        foreseen = [order_id for trip in plan.queues for order_id in trip.order_ids]
        assert len({*started, *foreseen}) == len(started) + len(foreseen)
        for rider in snapshot.riders:
            mine = [trip for trip in (*plan.trips, *plan.queues) if trip.rider_id == rider.rider_id]
            assert len(mine) <= DEFAULT_PARAMS.trips
        waiting = {order.order_id for order in snapshot.orders} - set(started)
        told = {hold.order_id for hold in plan.holds}
        assert told <= waiting
        assert {o.order_id for o in snapshot.orders if not o.held_reason} - set(started) <= told
        rider_of = {order_id: trip.rider_id for trip in plan.queues for order_id in trip.order_ids}
        for hold in plan.holds:
            assert hold.explanation.foreseen == rider_of.get(hold.order_id)


@pytest.mark.parametrize("size", SIZES)
def test_terms_sum_to_the_cost(size: tuple[int, int]) -> None:
    objective = large_objective(DEFAULT_PARAMS)
    for snapshot, city, plan in planned(size):
        orders = {order.order_id: order for order in snapshot.orders}
        for trip in plan.trips:
            alone = replace(snapshot, orders=tuple(orders[order_id] for order_id in trip.order_ids))
            only = replace(plan, trips=(trip,), queues=())
            cost = cost_of_plan(alone, city.plane, objective, only)
            terms = [term for each in trip.explanations for term in each.terms]
            assert {term.unit for term in terms} == {"min"}
            assert sum(term.value for term in terms) * 10 * MINUTE_MS == pytest.approx(cost, abs=1)
            for explanation in trip.explanations:
                deltas = [other.delta_min for other in explanation.alternatives]
                assert deltas == sorted(deltas)
                assert trip.rider_id not in {other.rider_id for other in explanation.alternatives}


def test_alternatives_are_what_the_bundle_would_cost_more() -> None:
    objective = large_objective(DEFAULT_PARAMS)
    # With one round every rider is compared from where the snapshot sees them.
    city, params = CityMoments(Size(60, 200)), replace(DEFAULT_PARAMS, trips=1, rounds=1)
    snapshot = city.snapshot
    plan = decide_large(snapshot, city.plane, "large", params)
    orders = {order.order_id: order for order in snapshot.orders}
    compared = 0
    for trip in plan.trips:
        alone = replace(snapshot, orders=tuple(orders[order_id] for order_id in trip.order_ids))
        only = replace(plan, trips=(trip,), queues=())
        cost = cost_of_plan(alone, city.plane, objective, only)
        for other in trip.explanations[0].alternatives:
            instead = replace(only, trips=(replace(trip, rider_id=other.rider_id),))
            more = cost_of_plan(alone, city.plane, objective, instead) - cost
            assert other.delta_min * 10 * MINUTE_MS == pytest.approx(more, abs=1)
            compared += 1
    assert compared > 20


def test_a_city_with_riders_enough_foresees_one_for_every_order() -> None:
    ((snapshot, _, plan),) = planned((300, 150), moments=1)
    served = sum(len(trip.order_ids) for trip in (*plan.trips, *plan.queues))
    assert served == len(snapshot.orders)


def test_without_riders_or_orders_there_is_nothing_to_plan() -> None:
    snapshot, crow = small_case(1, 2, 3)
    plan = decide_large(replace(snapshot, riders=()), crow, "large")
    assert {hold.explanation.reason for hold in plan.holds} == {"no_rider_on_duty"}
    assert decide_large(replace(snapshot, orders=()), crow, "large") == DispatchPlan(
        "decision-1", "large", ()
    )


def test_who_cannot_come_in_time_is_not_asked() -> None:
    snapshot, crow = small_case(1, 3, 3)
    home = tuple(rider._replace(shift_ends_at_ms=snapshot.at_ms) for rider in snapshot.riders)
    plan = decide_large(replace(snapshot, riders=home), crow, "large")
    assert (plan.trips, plan.queues) == ((), ())
    assert {hold.explanation.reason for hold in plan.holds} == {"no_rider_in_time"}


def test_a_crowded_kitchen_is_split_and_still_served() -> None:
    city = CityMoments(Size(200, 150))
    first = city.snapshot.orders[0]
    crowd = tuple(
        order._replace(merchant_id=first.merchant_id, pickup=first.pickup) for order in city.snapshot.orders
    )
    long_shifts = tuple(r._replace(shift_ends_at_ms=r.free_at_ms + 6 * HOUR_MS) for r in city.snapshot.riders)
    snapshot = replace(city.snapshot, orders=crowd, riders=long_shifts)
    plan = decide_large(snapshot, city.plane, "large")
    served = [order_id for trip in (*plan.trips, *plan.queues) for order_id in trip.order_ids]
    assert len(set(served)) == len(served) > 100
