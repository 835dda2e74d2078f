"""The fallback: always sound, never empty-handed where somebody could go."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.explain import NO_FREE_RIDER, NO_RIDER_IN_TIME, NO_RIDER_ON_DUTY, WAITS_FOR_KITCHEN
from dispatch.fallback import plan_fallback
from dispatch.params import DispatchParams
from dispatch.verifier import verify
from domain.events import OrderAssigned, PlanApplied, PlanRefused
from domain.plans import ServiceRules
from domain.units import MINUTE_MS
from tests.dispatch.desk import ASSIGNING, EXAMPLES, OFFERING, START_MS, Desk
from tests.dispatch.situations import ADDING, GRUBHUB_LIKE, at_one_kitchen, situation

RULES = st.sampled_from((OFFERING, ADDING, GRUBHUB_LIKE))


@settings(max_examples=EXAMPLES)
@given(st.integers(0, 10**6), st.integers(0, 15), st.integers(0, 40), RULES)
def test_it_breaks_nothing_and_no_bundle_is_to_blame(
    seed: int, riders: int, orders: int, rules: ServiceRules
) -> None:
    snapshot, plane = situation(seed, riders, orders, rules)
    plan = plan_fallback(snapshot, plane)
    assert plan == plan_fallback(snapshot, plane)
    verdict = verify(snapshot, plan, plane)
    assert verdict.hard == ()
    assert not any(found.caused_by_bundle for found in verdict.soft)


@settings(max_examples=EXAMPLES)
@given(st.integers(0, 10**6), st.integers(0, 8), st.integers(0, 20), RULES)
def test_every_order_is_started_or_held_with_a_reason(
    seed: int, riders: int, orders: int, rules: ServiceRules
) -> None:
    snapshot, plane = situation(seed, riders, orders, rules)
    plan = plan_fallback(snapshot, plane)
    started = [order_id for trip in plan.trips for order_id in trip.order_ids]
    held = {hold.order_id: hold.explanation.reason for hold in plan.holds}
    assert sorted([*started, *held]) == [order.order_id for order in snapshot.orders]
    reasons = {NO_FREE_RIDER, NO_RIDER_IN_TIME, NO_RIDER_ON_DUTY, WAITS_FOR_KITCHEN}
    assert set(held.values()) <= reasons
    used = {trip.rider_id for trip in plan.trips}
    if any(reason == NO_FREE_RIDER for reason in held.values()):
        assert all(rider.rider_id in used for rider in snapshot.riders if rider.is_free) or held


def test_one_rider_takes_along_what_is_on_the_way() -> None:
    snapshot, plane = at_one_kitchen(600.0, 900.0, 1_200.0, 1_500.0)
    plan = plan_fallback(snapshot, plane)
    assert [trip.order_ids for trip in plan.trips] == [("o0", "o1", "o2")]
    assert [(hold.order_id, hold.explanation.reason) for hold in plan.holds] == [("o3", NO_RIDER_IN_TIME)]


def test_opposite_ends_are_not_bundled_past_a_limit() -> None:
    snapshot, plane = at_one_kitchen(6_000.0, -6_000.0)
    assert [trip.order_ids for trip in plan_fallback(snapshot, plane).trips] == [("o0",)]


def test_food_that_can_wait_waits() -> None:
    snapshot, plane = at_one_kitchen(600.0)
    later = snapshot.orders[0]._replace(ready_at_ms=START_MS + 10 * MINUTE_MS)
    plan = plan_fallback(replace(snapshot, orders=(later,)), plane)
    assert plan.trips == ()
    assert [hold.explanation.reason for hold in plan.holds] == [WAITS_FOR_KITCHEN]


@pytest.mark.parametrize("solve_timeout_ms", [1, 20_000])
def test_a_plan_that_does_not_come_is_not_waited_for(solve_timeout_ms: int) -> None:
    desk = Desk(ASSIGNING, params=DispatchParams(solve_timeout_ms=solve_timeout_ms))
    desk.rider("rider-1")
    order_id = desk.order()
    desk.wait(0)
    asked_at_ms = desk.now_ms
    desk.wait(solve_timeout_ms - 1)
    assert order_id in desk.state.waiting
    events = desk.wait(1)
    assert events[0] == PlanRefused("decision-1", "", "overdue")
    assert isinstance(events[1], PlanApplied)
    assert events[1].policy == "fallback"
    (assigned,) = (e for e in events if isinstance(e, OrderAssigned))
    assert (assigned.order_id, desk.now_ms) == (order_id, asked_at_ms + solve_timeout_ms)
