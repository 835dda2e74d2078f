"""Nobody is planned, foreseen or given more than they can carry."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import violations as v
from dispatch.capacity import fit
from dispatch.explain import NO_RIDER_CAN_CARRY
from dispatch.explain_again import explain_again
from dispatch.fallback import plan_fallback
from dispatch.matching import MATCHERS, POLICIES, Budget
from dispatch.matching.rolling import RollingMatcher
from dispatch.matching.rolling_params import RollingParams
from dispatch.matching.within_capacity import WithinCapacity
from dispatch.snapshot import OrderLoad, RiderCapacity, Snapshot
from dispatch.verifier import verify
from domain.commands import (
    ApplyPlan,
    ArriveAtMerchant,
    PickUpOrder,
    PlaceOrder,
    ReportBreakdown,
    StartShift,
)
from domain.errors import InvalidValueError
from domain.events import OrderAssigned, OrderHeld, PlanApplied, PlanRefused, ShiftStarted
from domain.geo import Point
from domain.loads import MOST_VOLUME_L, USUAL_CAPACITY, Capacity, Load, OrderType, Vehicle, capacity_of
from domain.plans import DispatchPlan, QueuedTrip, ServiceRules, TripAddition
from domain.units import HOUR_MS, MINUTE_MS
from roads.plane import MetricPlane
from tests.dispatch.desk import ASSIGNING, EXAMPLES, OFFERING, START_MS, Desk, live_through
from tests.dispatch.loaded import loaded_day, loaded_situation, overloaded
from tests.dispatch.mistakes import explained
from tests.dispatch.situations import at_one_kitchen, situation, trip

SEEDS = st.integers(0, 10**6)
BICYCLE = USUAL_CAPACITY[Vehicle.BICYCLE]


def kinds(snapshot: Snapshot, plan: DispatchPlan, plane: MetricPlane) -> set[str]:
    return {found.kind for found in verify(snapshot, plan, plane).hard}


def two_crates(volume_l: int, capacity_l: int) -> tuple[Snapshot, MetricPlane]:
    """Return two orders of one kitchen, and a rider at its door."""
    snapshot, plane = at_one_kitchen(600.0, 700.0)
    loads = tuple(OrderLoad(o.order_id, OrderType.GROCERIES, volume_l, 100) for o in snapshot.orders)
    return replace(snapshot, loads=loads, capacities=(RiderCapacity("r", capacity_l, 10_000),)), plane


# --- the verifier ---


def test_a_trip_that_is_too_much_is_caught() -> None:
    snapshot, plane = two_crates(volume_l=20, capacity_l=39)
    both = DispatchPlan("d", "test", (trip("r", "o0", "o1"),))
    one = DispatchPlan("d", "test", (trip("r", "o0"),))

    assert kinds(snapshot, both, plane) == {v.OVERLOADED}
    assert kinds(snapshot, one, plane) == set()
    assert kinds(replace(snapshot, capacities=(RiderCapacity("r", 40, 10_000),)), both, plane) == set()
    assert kinds(replace(snapshot, capacities=(RiderCapacity("r", 40, 199),)), both, plane) == {v.OVERLOADED}
    assert kinds(replace(snapshot, capacities=()), both, plane) == set()


def test_what_is_foreseen_and_too_much_is_caught() -> None:
    snapshot, plane = two_crates(volume_l=20, capacity_l=39)
    plan = DispatchPlan("d", "test", (), queues=(QueuedTrip("r", ("o0", "o1")),))
    assert kinds(snapshot, plan, plane) == {v.OVERLOADED}


def test_an_addition_that_is_too_much_is_caught() -> None:
    caught = 0
    for seed in range(60):
        snapshot, plane = situation(seed, 6, 14)
        for open_trip in snapshot.open_trips[:1]:
            order = next((o for o in snapshot.orders if o.merchant_id == open_trip.merchant_id), None)
            if order is None or open_trip.rider_id in order.declined_by:
                continue
            old = tuple(o.order_id for o in open_trip.orders)
            ids = (*old, order.order_id)
            addition = TripAddition(open_trip.trip_id, ids, (order.order_id,), explained(("x",)))
            plan = DispatchPlan(snapshot.decision_id, "test", (), additions=(addition,))
            loads = tuple(OrderLoad(order_id, OrderType.MEAL, 10, 0) for order_id in ids)
            full = RiderCapacity(open_trip.rider_id, 10 * len(old), 1)
            caught += v.OVERLOADED in kinds(replace(snapshot, loads=loads, capacities=(full,)), plan, plane)
            roomy = full._replace(volume_l=10 * len(ids))
            assert v.OVERLOADED not in kinds(replace(snapshot, loads=loads, capacities=(roomy,)), plan, plane)
    assert caught > 3


# --- the policies ---


@settings(max_examples=EXAMPLES)
@given(st.sampled_from([*sorted(MATCHERS), "fallback"]), SEEDS, st.integers(0, 8), st.integers(0, 25))
def test_no_policy_plans_what_its_rider_cannot_carry(
    policy: str, seed: int, riders: int, orders: int
) -> None:
    snapshot, plane = loaded_situation(seed, riders, orders)
    if policy == "fallback":
        plan = plan_fallback(snapshot, plane)
    else:
        plan = MATCHERS[policy].decide(snapshot, plane, Budget())
    assert verify(snapshot, plan, plane).hard == ()
    again = explain_again(snapshot, plan, plane)
    assert again is not None
    assert all(found.is_same for found in again)


@settings(max_examples=EXAMPLES)
@given(SEEDS, st.integers(0, 12), st.integers(0, 40))
def test_nor_does_a_decision_for_a_whole_city(seed: int, riders: int, orders: int) -> None:
    snapshot, plane = loaded_situation(seed, riders, orders)
    plan = WithinCapacity(RollingMatcher("rolling", RollingParams(most_cells=1))).decide(
        snapshot, plane, Budget()
    )
    assert verify(snapshot, plan, plane).hard == ()


def test_policies_that_know_nothing_of_loads_would_overload() -> None:
    broken = 0
    for seed in range(20):
        snapshot, plane = loaded_situation(seed, 6, 14)
        for policy in POLICIES.values():
            broken += v.OVERLOADED in kinds(snapshot, policy.decide(snapshot, plane, Budget()), plane)
    assert broken > 40


@pytest.mark.parametrize("policy", sorted(MATCHERS))
def test_orders_that_fit_side_by_side_still_share_a_trip(policy: str) -> None:
    snapshot, plane = at_one_kitchen(5_000.0, 5_050.0, 5_100.0)
    loads = tuple(OrderLoad(order.order_id, OrderType.MEAL, 5, 900) for order in snapshot.orders)
    limited = replace(snapshot, loads=loads, capacities=(RiderCapacity("r", 45, 12_000),))
    plan = MATCHERS[policy].decide(limited, plane, Budget())
    assert plan == MATCHERS[policy].decide(snapshot, plane, Budget())


def test_without_loads_or_limits_a_policy_sees_the_snapshot_itself() -> None:
    loads, limits = (OrderLoad("o0", OrderType.MEAL, 5, 900),), (RiderCapacity("r", 1, 1),)
    for changes in ({}, {"loads": loads}, {"capacities": limits}):
        snapshot = replace(at_one_kitchen(600.0)[0], **changes)
        assert fit(snapshot).snapshot is snapshot


def test_what_was_foreseen_together_is_taken_apart_when_a_smaller_rider_comes() -> None:
    snapshot, plane = two_crates(volume_l=20, capacity_l=30)
    foreseen = replace(snapshot, queues=(QueuedTrip("r", ("o0", "o1")),))
    plan = MATCHERS["rolling"].decide(foreseen, plane, Budget())
    assert verify(foreseen, plan, plane).hard == ()
    assert [t.order_ids for t in fit(foreseen).snapshot.queues] == [("o0",), ("o1",)]


# --- whole days ---


@pytest.mark.parametrize("policy", sorted(MATCHERS))
@pytest.mark.parametrize("rules", [OFFERING, ASSIGNING], ids=["offering", "assigning"])
@settings(max_examples=max(1, EXAMPLES // 50))
@given(seed=SEEDS)
def test_on_no_day_anybody_gets_more_than_they_can_carry(policy: str, rules: ServiceRules, seed: int) -> None:
    desk = Desk(rules, policy=policy)
    log = live_through(desk, loaded_day(seed), START_MS + 4 * HOUR_MS)
    assert overloaded(log) == []
    assert not any(isinstance(record.message, PlanRefused) for record in log)
    assert sum(r.message.trips for r in log if isinstance(r.message, PlanApplied)) > 5


def test_a_plan_that_overloads_is_refused_and_the_fallback_keeps_within_capacity() -> None:
    desk = Desk(ASSIGNING)
    desk.say(StartShift("rider-1", Point(0.0, 0.0), START_MS + HOUR_MS, vehicle=Vehicle.BICYCLE))
    for x in (600.0, 700.0):
        desk.say(PlaceOrder("m-1", Point(x, 0.0), load=Load(OrderType.GROCERIES, 30)))
    happened = desk.decide(("rider-1", ["order-1", "order-2"]))
    refused = next(event for event in happened if isinstance(event, PlanRefused))
    assert [found.kind for found in refused.violations] == [v.OVERLOADED]
    assert "60 l" in refused.violations[0].detail
    assert "at most 45 l" in refused.violations[0].detail


@pytest.mark.parametrize("policy", sorted(MATCHERS))
def test_what_nobody_can_carry_is_held_and_goes_to_the_first_who_can(policy: str) -> None:
    desk = Desk(ASSIGNING, policy=policy)
    desk.say(StartShift("rider-1", Point(0.0, 0.0), START_MS + 3 * HOUR_MS, vehicle=Vehicle.BICYCLE))
    desk.say(PlaceOrder("m-1", Point(600.0, 0.0), ready_at_ms=START_MS, load=Load(OrderType.PARCEL, 100)))
    happened = desk.wait(5 * MINUTE_MS)
    held = [event for event in happened if isinstance(event, OrderHeld)]
    assert [event.explanation.reason for event in held] == [NO_RIDER_CAN_CARRY]

    desk.say(StartShift("rider-2", Point(900.0, 0.0), desk.now_ms + HOUR_MS, vehicle=Vehicle.CAR))
    happened = desk.wait(2 * MINUTE_MS)
    assert [e.rider_id for e in happened if isinstance(e, OrderAssigned)] == ["rider-2"]


def test_food_of_a_rider_who_broke_down_is_fetched_by_somebody_who_can_carry_it() -> None:
    desk = Desk(ASSIGNING, policy="rolling")
    car = StartShift("rider-1", Point(0.0, 0.0), START_MS + 3 * HOUR_MS, vehicle=Vehicle.CAR)
    desk.say(car)
    desk.say(StartShift("rider-2", Point(100.0, 0.0), START_MS + 3 * HOUR_MS, capacity=BICYCLE))
    desk.say(replace(car, rider_id="rider-3", point=Point(-9_000.0, 0.0)))
    desk.say(PlaceOrder("m-1", Point(9_000.0, 0.0), ready_at_ms=START_MS, load=Load(OrderType.PARCEL, 100)))
    first = desk.wait(2 * MINUTE_MS)
    desk.say(ArriveAtMerchant("rider-1"))
    desk.say(PickUpOrder("rider-1", "order-1"))
    desk.say(ReportBreakdown("rider-1"), after_ms=MINUTE_MS)
    then = desk.wait(2 * MINUTE_MS)
    assigned = [event.rider_id for event in (*first, *then) if isinstance(event, OrderAssigned)]
    assert assigned == ["rider-1", "rider-3"]


def test_a_restart_in_the_middle_of_a_loaded_day_changes_nothing() -> None:
    def play(restart: bool) -> list[object]:
        desk = Desk(ASSIGNING, policy="rolling")
        commands = sorted(loaded_day(7), key=lambda each: each[0])
        for number, (at_ms, command) in enumerate(commands):
            desk.wait_until(max(desk.now_ms, at_ms))
            desk.say(command)
            if restart and number % 10 == 9:
                desk.reopen()
        desk.wait(HOUR_MS)
        return [(record.at_ms, record.message) for record in desk.log.records]

    assert play(restart=False) == play(restart=True)


def test_a_rider_who_comes_again_with_something_larger_can_carry_more() -> None:
    desk = Desk(ASSIGNING)
    told = desk.say(StartShift("rider-1", Point(0.0, 0.0), START_MS + HOUR_MS, vehicle=Vehicle.BICYCLE))
    assert next(e for e in told if isinstance(e, ShiftStarted)).capacity == BICYCLE
    assert desk.state.freight.capacities == {"rider-1": BICYCLE}
    desk.say(ReportBreakdown("rider-1"))
    desk.say(StartShift("rider-1", Point(0.0, 0.0), START_MS + HOUR_MS))
    assert desk.state.freight.capacities == {}


def test_a_plan_that_became_too_much_for_its_rider_is_stale() -> None:
    desk = Desk(ASSIGNING)
    desk.rider("rider-1")
    desk.say(PlaceOrder("m-1", Point(600.0, 0.0), load=Load(OrderType.PARCEL, 100)))
    due = desk.room.next_due_ms()
    assert due is not None
    desk.wait_until(due)
    plan = desk.plan(("rider-1", ["order-1"]))
    desk.say(ReportBreakdown("rider-1"))
    desk.say(StartShift("rider-1", Point(0.0, 0.0), START_MS + HOUR_MS, vehicle=Vehicle.ON_FOOT))
    applied = next(e for e in desk.say(ApplyPlan(plan)) if isinstance(e, PlanApplied))
    assert (applied.trips, applied.stale) == (0, ("order-1",))


# --- values ---


@pytest.mark.parametrize(
    ("field", "value"),
    [("volume_l", -1), ("volume_l", MOST_VOLUME_L + 1), ("weight_g", 1.5), ("weight_g", 200_001)],
)
def test_a_load_out_of_range_is_refused_by_name(field: str, value: float) -> None:
    with pytest.raises(InvalidValueError, match=f"{field}.*a whole number of") as caught:
        Load(**{field: value})  # type: ignore[arg-type]
    assert caught.value.field == field


def test_a_capacity_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="1 to 500"):
        Capacity(0, 100)


def test_what_is_stated_counts_more_than_the_vehicle() -> None:
    assert capacity_of(Vehicle.CAR, BICYCLE) == BICYCLE
    assert capacity_of(Vehicle.CAR, None) == USUAL_CAPACITY[Vehicle.CAR]
    assert capacity_of(None, None) is None
    assert set(USUAL_CAPACITY) == set(Vehicle)
