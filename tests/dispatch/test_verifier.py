"""The verifier: every planted mistake is caught, and the policies make none."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dispatch import violations as v
from dispatch.matching import MATCHERS, Budget
from dispatch.matching.additions import plan_additions
from dispatch.params import VerifierParams
from dispatch.snapshot import Pin, Snapshot
from dispatch.verifier import verify
from domain.commands import ApplyPlan, PlaceOrder, StartShift
from domain.errors import InvalidValueError
from domain.events import OrderOffered, PlanApplied, PlanRefused
from domain.geo import Point
from domain.plans import (
    DispatchPlan,
    ServiceRules,
)
from domain.units import HOUR_MS, MINUTE_MS
from roads.plane import MetricPlane
from tests.dispatch.desk import ASSIGNING, EXAMPLES, OFFERING, START_MS, Desk, live_through
from tests.dispatch.mistakes import MISTAKES, Planted, busy_rider, good_plan
from tests.dispatch.situations import ADDING, GRUBHUB_LIKE, at_one_kitchen, situation, trip

SEEDS = st.integers(0, 10**6)
RULES = st.sampled_from((OFFERING, ADDING, GRUBHUB_LIKE))


@pytest.mark.parametrize(("plant", "kind"), MISTAKES, ids=lambda m: getattr(m, "__name__", None))
def test_a_planted_mistake_is_caught(plant: Callable[[DispatchPlan, Snapshot], Planted], kind: str) -> None:
    planted = 0
    for seed in range(60):
        snapshot, plane = situation(seed, 6, 14)
        pins = (Pin("order-0777", "rider-000", "Chen", snapshot.at_ms),)
        snapshot = replace(snapshot, pins=pins)
        plan = good_plan(snapshot, plane)
        if not plan.trips:
            continue
        assert verify(snapshot, plan, plane).hard == ()
        broken = plant(plan, snapshot)
        if broken is not None:
            planted += 1
            assert kind in {found.kind for found in verify(snapshot, broken, plane).hard}
    assert planted > 3


def test_every_hard_kind_is_planted_somewhere() -> None:
    elsewhere = {v.MIXED_PLACES, v.ADDITIONS_CLOSED, v.OVERLOADED}
    # Those about moves: test_prepositioning.py.
    elsewhere |= {kind for kind in v.HARD_KINDS if kind.startswith(("moved_", "moves_", "already_"))}
    assert {kind for _, kind in MISTAKES} | elsewhere == set(v.HARD_KINDS)


def test_food_of_one_merchant_at_two_places_is_two_trips() -> None:
    snapshot, plane = situation(1, 4, 6, OFFERING, merchants=1)
    a, b = snapshot.orders[:2]
    orders = (a, b._replace(pickup=b.dropoff), *snapshot.orders[2:])
    rider = next(rider for rider in snapshot.riders if rider.is_free)
    plan = DispatchPlan(snapshot.decision_id, "test", (trip(rider.rider_id, a.order_id, b.order_id),))
    verdict = verify(replace(snapshot, orders=orders), plan, plane)
    assert v.MIXED_PLACES in {found.kind for found in verdict.hard}


def test_nothing_joins_where_the_rules_let_nothing() -> None:
    snapshot, plane = situation(2, 12, 40)
    plan = DispatchPlan(snapshot.decision_id, "test", (), additions=plan_additions(snapshot, plane))
    assert plan.additions
    closed = replace(snapshot, rules=OFFERING, open_trips=())
    kinds = {found.kind for found in verify(closed, plan, plane).hard}
    assert kinds >= {v.ADDITIONS_CLOSED, v.UNKNOWN_TRIP}


def test_queued_trips_are_allowed_where_the_rules_say_so() -> None:
    snapshot, plane = situation(3, 6, 14, ServiceRules(queue_next_trip=True))
    plan = busy_rider(good_plan(snapshot, plane), snapshot)
    assert plan is not None
    assert v.RIDER_NOT_FREE not in {found.kind for found in verify(snapshot, plan, plane).hard}


@settings(max_examples=EXAMPLES)
@given(st.sampled_from(sorted(MATCHERS)), SEEDS, st.integers(0, 12), st.integers(0, 30), RULES)
def test_policies_keep_every_hard_constraint(
    policy: str, seed: int, riders: int, orders: int, rules: ServiceRules
) -> None:
    snapshot, plane = situation(seed, riders, orders, rules)
    assert verify(snapshot, MATCHERS[policy].decide(snapshot, plane, Budget()), plane).hard == ()


@pytest.mark.parametrize("policy", sorted(MATCHERS))
@pytest.mark.parametrize("rules", [OFFERING, ASSIGNING], ids=["offering", "assigning"])
def test_no_plan_of_a_policy_is_refused_in_a_whole_day(policy: str, rules: ServiceRules) -> None:
    desk = Desk(rules, policy=policy)
    commands = [
        (START_MS + k, StartShift(f"rider-{k}", Point(k * 900.0, 0.0), START_MS + 2 * HOUR_MS))
        for k in range(4)
    ]
    commands += [
        (
            START_MS + k * 95_000,
            PlaceOrder(
                f"m-{1 + k * k % 3}", Point((k * 701) % 5_000 - 2_500.0, (k * 1_303) % 4_000 - 2_000.0)
            ),
        )
        for k in range(1, 50)
    ]
    log = live_through(desk, commands, START_MS + 3 * HOUR_MS)
    applied = [record.message for record in log if isinstance(record.message, PlanApplied)]
    assert sum(event.trips for event in applied) > 10
    assert not any(isinstance(record.message, PlanRefused) for record in log)


# --- soft limits ---


def soft(snapshot: Snapshot, plane: MetricPlane, *order_ids: str) -> list[tuple[str, str | None, bool]]:
    verdict = verify(snapshot, DispatchPlan("d", "test", (trip("r", *order_ids),)), plane)
    assert verdict.hard == ()
    return [(found.kind, found.order_id, found.caused_by_bundle) for found in verdict.soft]


def test_a_door_far_away_is_nobodys_fault() -> None:
    snapshot, plane = at_one_kitchen(9_000.0)
    assert soft(snapshot, plane, "o0") == [(v.FOOD_AGE, "o0", False)]


def test_a_bundle_may_not_make_food_old() -> None:
    # Alone each is within 30 minutes; in the order o1, o0 the near door comes after the far one.
    snapshot, plane = at_one_kitchen(600.0, 5_400.0)
    assert soft(snapshot, plane, "o0", "o1") == []
    assert soft(snapshot, plane, "o1", "o0") == [(v.FOOD_AGE, "o0", True), (v.DETOUR, "o0", True)]


def test_a_bundle_may_not_wait_for_a_slow_kitchen_at_the_cost_of_the_promise() -> None:
    snapshot, plane = at_one_kitchen(600.0, 900.0, ready_min=(50, 62))
    assert soft(snapshot, plane, "o0") == []
    assert soft(snapshot, plane, "o0", "o1") == [(v.PROMISE_SLIP, "o0", True), (v.PROMISE_SLIP, "o1", False)]


def test_what_is_late_alone_is_not_blamed_on_the_bundle() -> None:
    snapshot, plane = at_one_kitchen(9_000.0, 9_300.0)
    found = soft(snapshot, plane, "o0", "o1")
    assert [(kind, order_id) for kind, order_id, _ in found] == [(v.FOOD_AGE, "o0"), (v.FOOD_AGE, "o1")]
    assert not any(caused for _, _, caused in found)


@pytest.mark.parametrize("field", ["food_age_ms", "promise_slip_ms", "detour_ms"])
def test_limits_are_not_negative(field: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        VerifierParams(**{field: -1})
    assert refused.value.field == field


# --- in the engine ---


def test_a_refused_plan_is_logged_and_the_fallback_decides_in_the_same_step() -> None:
    desk = Desk()
    desk.rider("rider-1")
    order_id = desk.order()
    events = desk.decide(("nobody", [order_id]))
    refused, applied = events[0], events[1]
    assert isinstance(refused, PlanRefused)
    assert (refused.policy, refused.reason) == ("test", "breaks_rules")
    assert [(found.kind, found.rider_id) for found in refused.violations] == [(v.UNKNOWN_RIDER, "nobody")]
    assert isinstance(applied, PlanApplied)
    assert (applied.policy, applied.trips) == ("fallback", 1)
    assert any(isinstance(e, OrderOffered) and e.order_id == order_id for e in events)


def test_a_plan_is_refused_whole() -> None:
    desk = Desk(ASSIGNING)
    desk.rider("rider-1", x=600.0)
    desk.rider("rider-2", x=-3_000.0)
    order_id = desk.order(x=900.0)
    # The good half would send the farther rider.
    desk.decide(("rider-2", [order_id]), ("rider-2", ["order-9"]))
    assert desk.state.orders[order_id].rider_id == "rider-1"


def test_what_a_plan_exceeds_is_told() -> None:
    desk = Desk(ASSIGNING)
    desk.rider("rider-1")
    order_id = desk.order(x=12_000.0)
    (applied,) = (e for e in desk.decide(("rider-1", [order_id])) if isinstance(e, PlanApplied))
    assert [(found.kind, found.order_id) for found in applied.exceeded] == [(v.FOOD_AGE, order_id)]


@settings(max_examples=EXAMPLES)
@given(st.lists(st.tuples(st.integers(0, len(MISTAKES) - 1), st.integers(0, 3)), max_size=12), RULES)
def test_refused_plans_replay_to_the_same_log(choices: list[tuple[int, int]], rules: ServiceRules) -> None:
    first, second = Desk(rules), Desk(rules)
    for k in range(3):
        first.rider(f"rider-{k}", x=900.0 * k)
    for number, count in choices:
        for k in range(count):
            first.order(f"m-{1 + k}", x=500.0 * k)
        first.wait(first.params.epoch_ms)
        asked = first.state.asked
        if asked is None:
            continue
        plan = good_plan(asked, first.plane)
        broken = MISTAKES[number][0](plan, asked) if plan.trips else plan
        if broken is not None and broken.decision_id == asked.decision_id:
            first.say(ApplyPlan(broken))
    first.wait(0)
    for record in first.log.records:
        if record.is_input:
            second.wait_until(record.at_ms)
            second.say(record.message)  # type: ignore[arg-type]
    second.wait_until(first.now_ms)
    assert second.log.records == first.log.records
    assert second.memory() == first.memory()


@settings(max_examples=EXAMPLES)
@given(SEEDS, RULES)
def test_a_trip_judged_fit_is_started(seed: int, rules: ServiceRules) -> None:
    """What the verifier lets pass at once also holds at once: two checks agree that share nothing."""
    assume(rules is not ADDING)
    desk = Desk(rules)
    for k in range(3):
        desk.rider(f"rider-{k}", x=700.0 * k, hours=0.05 + (seed * (k + 1) % 7) / 60)
    desk.wait(1)
    for k in range(4):
        desk.order(
            f"m-{1 + (seed + k) % 2}", x=100.0 * (seed % 11), ready_in_ms=(seed * (k + 3) % 9) * MINUTE_MS
        )
    desk.wait(desk.params.epoch_ms)
    asked = desk.state.asked
    assert asked is not None
    orders = [order.order_id for order in asked.orders]
    groups = [orders[:2], orders[2:]] if seed % 2 else [[order] for order in orders]
    for rider, ids in zip(asked.riders, groups, strict=False):
        plan = DispatchPlan(asked.decision_id, "test", (trip(rider.rider_id, *ids),))
        holds = verify(asked, plan, desk.plane).hard == ()
        if holds or rider is asked.riders[-1]:
            events = desk.say(ApplyPlan(plan))
            refused = any(isinstance(e, PlanRefused) for e in events)
            (applied,) = (e for e in events if isinstance(e, PlanApplied))
            assert refused == (not holds)
            assert refused or (applied.trips, applied.stale) == (1, ())
            return
