"""What is special about ``foodmatch``: batches, when to stop merging, and what it says of them."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.matching.base import Budget
from dispatch.matching.foodmatch import FoodMatchMatcher, FoodMatchParams
from dispatch.snapshot import OpenOrder, RiderView, Snapshot
from domain.errors import InvalidValueError
from domain.plans import DispatchPlan, ServiceRules, ServiceTimes
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS, Millis
from tests.dispatch.desk import EXAMPLES, START_MS
from tests.dispatch.test_matchers import Crow
from tests.dispatch.test_optimality import small_case

TIMES = ServiceTimes()
RULES = ServiceRules(riders_may_decline=False)
# The merchant, a rider beside it, and doors in a row; 200 ms a meter.
CROW = Crow([(0, 0), (300, 0), (600, 0), (700, 0), (800, 0), (900, 0), (-3_000, 0)])


def order(number: int, door: int, ready_in_ms: Millis = 0, merchant_id: str = "m") -> OpenOrder:
    placed_ms = START_MS - 10 * MINUTE_MS + number
    return OpenOrder(
        f"o{number}", merchant_id, 0, door, placed_ms, START_MS + ready_in_ms, placed_ms + HOUR_MS, (), ""
    )


def decide(
    *orders: OpenOrder, riders: int = 1, eta_ms: Millis = MINUTE_MS, rules: ServiceRules = RULES
) -> DispatchPlan:
    views = tuple(RiderView(f"r{k}", 1, START_MS, START_MS + 2 * HOUR_MS, True) for k in range(riders))
    snapshot = Snapshot("d", START_MS, START_MS + 30 * SECOND_MS, orders, views, rules, TIMES)
    return FoodMatchMatcher(FoodMatchParams(average_extra_ms=eta_ms)).decide(snapshot, CROW, Budget())


def trips(plan: DispatchPlan) -> list[tuple[str, ...]]:
    return [trip.order_ids for trip in plan.trips]


def test_doors_in_a_row_make_one_batch_in_their_sequence() -> None:
    # Dropping off on the way costs 90 s of stops, three times for three orders: 4 1/2 min for one batch.
    plan = decide(order(1, 4), order(2, 2), order(3, 3), eta_ms=5 * MINUTE_MS)
    assert trips(plan) == [("o2", "o3", "o1")]
    assert [h.explanation.reason for h in plan.holds] == []


def test_merging_ends_at_the_average_extra_time() -> None:
    orders = order(1, 2), order(2, 3), order(3, 6)
    # 600 -> 700 m: 90 s of stops, over two batches. The door on the other side stays alone.
    assert trips(decide(*orders, riders=2, eta_ms=45 * SECOND_MS)) == [("o1", "o2"), ("o3",)]
    assert trips(decide(*orders, riders=2, eta_ms=44 * SECOND_MS)) == [("o1",), ("o2",)]


def test_a_batch_is_of_one_merchant_and_no_larger_than_the_rules_say() -> None:
    orders = order(1, 2), order(2, 3), order(3, 4), order(4, 5, merchant_id="next door")
    assert trips(decide(*orders, riders=4, eta_ms=HOUR_MS)) == [("o1", "o2", "o3"), ("o4",)]
    pairs = replace(RULES, max_orders_per_trip=2)
    assert sorted(map(len, trips(decide(*orders, riders=4, eta_ms=HOUR_MS, rules=pairs)))) == [1, 1, 2]
    # Where trips may mix merchants, batches still do not: a trip has one pickup.
    mixed = replace(RULES, one_merchant_per_trip=False, max_orders_per_trip=None)
    assert trips(decide(*orders, riders=4, eta_ms=HOUR_MS, rules=mixed)) == [("o1", "o2", "o3"), ("o4",)]


def test_nobody_leaves_before_it_is_necessary() -> None:
    # The rider needs a minute to the merchant and a minute to pick up; the next decision is in half a minute.
    plan = decide(order(1, 2, ready_in_ms=3 * MINUTE_MS))
    assert trips(plan) == []
    assert [(h.order_id, h.explanation.reason) for h in plan.holds] == [("o1", "waits_for_kitchen")]
    assert trips(decide(order(1, 2, ready_in_ms=149 * SECOND_MS))) == [("o1",)]


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 6))
def test_terms_sum_to_the_time_beyond_the_shortest_delivery(seed: int, riders: int, orders: int) -> None:
    snapshot, crow = small_case(seed, riders, orders)
    known = {each.order_id: each for each in snapshot.orders}
    views = {rider.rider_id: rider for rider in snapshot.riders}
    for trip in FoodMatchMatcher(FoodMatchParams()).decide(snapshot, crow, Budget()).trips:
        members = [known[order_id] for order_id in trip.order_ids]
        drive_ms = crow.duration_ms(views[trip.rider_id].location, members[0].pickup, 0)
        at_ms = max(START_MS + drive_ms + TIMES.pickup_before_ms, *(each.ready_at_ms for each in members))
        here, at_ms = members[0].pickup, at_ms + TIMES.pickup_after_ms
        for each, explanation in zip(members, trip.explanations, strict=True):
            at_ms += crow.duration_ms(here, each.dropoff, 0) + TIMES.dropoff_before_ms
            direct_ms = TIMES.pickup_after_ms + crow.duration_ms(each.pickup, each.dropoff, 0)
            shortest_ms = each.ready_at_ms + direct_ms + TIMES.dropoff_before_ms
            assert [term.name for term in explanation.terms] == ["pickup_after_ready", "detour"]
            assert {term.unit for term in explanation.terms} == {"min"}
            assert round(sum(term.value for term in explanation.terms) * MINUTE_MS) == at_ms - shortest_ms
            assert min(term.value for term in explanation.terms) >= 0
            here, at_ms = each.dropoff, at_ms + TIMES.dropoff_after_ms


@pytest.mark.parametrize(
    ("field", "value"),
    [("average_extra_ms", -1), ("most_orders", 0), ("most_orders", 5), ("rejection_ms", 0), ("riders", 0)],
)
def test_impossible_parameters_are_refused(field: str, value: int) -> None:
    with pytest.raises(InvalidValueError, match=field):
        FoodMatchParams(**{field: value})
