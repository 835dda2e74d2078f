"""What holds of orders assigned by hand on any day: they are with their rider, or nobody's."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import violations as v
from dispatch.batching import take_snapshot
from dispatch.matching import MATCHERS, Budget
from dispatch.snapshot import Pin
from dispatch.verifier import verify
from domain.commands import PinOrder, PlaceOrder, StartShift
from domain.events import (
    OrderAssigned,
    OrderHeld,
    OrderOffered,
    OrderPickedUp,
    OrderPinned,
    OrderUnpinned,
    PlanRefused,
    TripAssigned,
    TripRevised,
)
from domain.geo import Point
from domain.plans import ServiceRules
from domain.units import HOUR_MS
from tests.dispatch.chaos import STEPS, Chaos, Step
from tests.dispatch.desk import ASSIGNING, EXAMPLES, OFFERING, START_MS, Desk, live_through
from tests.dispatch.test_pins import ADDING_AT_ONCE, BY, OTHER, two_riders


@settings(max_examples=EXAMPLES)
@given(STEPS, st.sampled_from((OFFERING, ASSIGNING, ADDING_AT_ONCE)), st.integers(0, 120))
def test_pins_survive_a_restart_anywhere(steps: list[Step], rules: ServiceRules, cut: int) -> None:
    """`Chaos` shows after every step: who is pinned has the order, or is on a trip before it."""
    through, stopped = Chaos(Desk(rules)), Chaos(Desk(rules))
    through.play(steps)
    stopped.play(steps[:cut])
    stopped.desk.reopen()
    stopped.play(steps[cut:])
    assert stopped.desk.memory() == through.desk.memory()
    assert stopped.desk.log.records == through.desk.log.records


@settings(max_examples=EXAMPLES)
@given(STEPS)
def test_as_events_tell_it_a_pinned_order_is_with_its_rider_or_with_nobody(steps: list[Step]) -> None:
    chaos = Chaos(Desk(ADDING_AT_ONCE))
    chaos.play(steps)
    pins: dict[str, str] = {}
    for record in chaos.desk.log.records:
        event = record.message
        if isinstance(event, OrderPinned):
            assert event.order_id not in pins
            pins[event.order_id] = event.rider_id
        elif isinstance(event, OrderUnpinned):
            assert pins.pop(event.order_id) == event.rider_id
        elif isinstance(event, OrderPickedUp):
            pins.pop(event.order_id, None)
        elif isinstance(event, OrderAssigned | OrderOffered) and event.order_id in pins:
            assert pins[event.order_id] == event.rider_id
        elif isinstance(event, OrderHeld):
            assert event.order_id not in pins
    assert pins == {pin.order_id: pin.rider_id for pin in chaos.desk.state.pins.values()}


@pytest.mark.parametrize("policy", sorted(MATCHERS))
@pytest.mark.parametrize("rules", [OFFERING, ASSIGNING], ids=["offering", "assigning"])
def test_in_a_whole_day_no_policy_moves_a_pinned_order(policy: str, rules: ServiceRules) -> None:
    """Every third order is given by hand to a rider in turn; the verifier has nothing to refuse."""
    desk = Desk(rules, policy=policy)
    commands = [
        (START_MS + k, StartShift(f"rider-{k}", Point(k * 900.0, 0.0), START_MS + 4 * HOUR_MS))
        for k in range(4)
    ]
    for k in range(1, 40):
        door = Point((k * 701) % 5_000 - 2_500.0, (k * 1_303) % 4_000 - 2_000.0)
        at_ms = START_MS + k * 95_000 + 1  # no decision is due
        commands.append((at_ms, PlaceOrder(f"m-{1 + k * k % 3}", door)))  # type: ignore[arg-type]
        if k % 3 == 0:
            commands.append((at_ms, PinOrder(f"order-{k}", f"rider-{k // 3 % 4}")))  # type: ignore[arg-type]
    log = live_through(desk, commands, START_MS + 6 * HOUR_MS)
    by_hand = {r.message.order_id: r.message.rider_id for r in log if isinstance(r.message, OrderPinned)}
    assert len(by_hand) == 13
    assigned = [r.message for r in log if isinstance(r.message, OrderAssigned)]
    assert {e.order_id: e.rider_id for e in assigned if e.order_id in by_hand} == by_hand
    assert len(assigned) == 39
    trips = [r.message for r in log if isinstance(r.message, TripAssigned | TripRevised)]
    assert all(len(t.order_ids) == 1 for t in trips if not by_hand.keys().isdisjoint(t.order_ids))
    assert not any(isinstance(r.message, PlanRefused) for r in log)


@pytest.mark.parametrize("policy", sorted(MATCHERS))
def test_a_plan_that_breaks_a_pin_is_refused(policy: str) -> None:
    """What no policy does on its own is caught all the same: the snapshot shows both order and pin."""
    desk, order = two_riders()
    desk.order("m-2")
    asked = take_snapshot(desk.engine._book, "d", desk.now_ms)
    plan = MATCHERS[policy].decide(asked, desk.plane, Budget())
    assert verify(asked, plan, desk.plane).hard == ()
    named = [o for t in (*plan.trips, *plan.queues) for o in t.order_ids] + [h.order_id for h in plan.holds]
    assert order in named
    pinned = replace(asked, pins=(Pin(order, OTHER, BY, desk.now_ms),))
    assert {found.kind for found in verify(pinned, plan, desk.plane).hard} == {v.PINNED}
