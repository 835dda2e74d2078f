"""Riders of the simulated city follow trips that grow, and fetch food from riders who broke down."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from dispatch.matching import MATCHERS, Budget, Matcher
from dispatch.matching.additions import plan_additions
from dispatch.params import DispatchParams, RescueParams
from dispatch.snapshot import Snapshot
from domain.commands import ReportBreakdown
from domain.events import (
    OrderCanceled,
    OrderDelivered,
    OrderPickedUp,
    OrderPlaced,
    OrderReturned,
    PlanApplied,
    PlanRefused,
    RiderBrokeDown,
    TripAssigned,
)
from domain.plans import AdditionsUntil, DispatchPlan
from domain.ports import TravelTimes
from domain.units import HOUR_MS, MINUTE_MS
from runtime.bootstrap import build_control_room, new_header, replay_log
from runtime.codec import log_hash
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import LogRecord
from runtime.solver import InlineSolver
from sim.driver import SimpyDriver
from sim.spec import CustomerBehavior, ScenarioSpec, Tracking
from sim.world import simulate


class Joining:
    """Lets orders join trips where that helps, and leaves the others to the nearest rider."""

    def decide(self, snapshot: Snapshot, travel: TravelTimes, budget: Budget) -> DispatchPlan:
        additions = plan_additions(snapshot, travel)
        added = {order_id for addition in additions for order_id in addition.added}
        left = tuple(order for order in snapshot.orders if order.order_id not in added)
        plan = MATCHERS["nearest"].decide(replace(snapshot, orders=left), travel, budget)
        return replace(plan, additions=additions)


def live(
    spec: ScenarioSpec,
    seed: int,
    matcher: Matcher,
    hear: Callable[[SimpyDriver, Sequence[LogRecord]], None] | None = None,
) -> tuple[SimpyDriver, MemoryLog]:
    log = MemoryLog(new_header(spec.setup, scenario="city"))
    room = build_control_room(spec.setup, log, solver=InlineSolver(matcher, spec.setup.travel))
    driver, _ = simulate(spec, seed, room)
    if hear is not None:
        room.subscribe(partial(hear, driver))
    driver.run_until(spec.ends_at_ms + 3 * HOUR_MS)
    return driver, log


def events_of(log: MemoryLog, kind: type) -> list[object]:
    return [record.message for record in log.records if type(record.message) is kind]


def check_all_served(log: MemoryLog) -> None:
    placed = {event.order_id for event in events_of(log, OrderPlaced)}  # type: ignore[attr-defined]
    delivered = [event.order_id for event in events_of(log, OrderDelivered)]  # type: ignore[attr-defined]
    canceled = [event.order_id for event in events_of(log, OrderCanceled)]  # type: ignore[attr-defined]
    assert sorted([*delivered, *canceled]) == sorted(placed)
    assert events_of(log, PlanRefused) == []


@pytest.mark.parametrize("until", [AdditionsUntil.ARRIVAL, AdditionsUntil.PICKUP])
@pytest.mark.parametrize("seed", range(2))
def test_riders_follow_a_trip_that_grows(
    small_scenario: Callable[..., ScenarioSpec], seed: int, until: AdditionsUntil
) -> None:
    spec = small_scenario(customers=CustomerBehavior(None))
    rules = replace(spec.setup.rules, additions_until=until)
    setup = replace(spec.setup, rules=rules)
    spec = replace(spec, shifts=spec.shifts[:3], setup=setup, tracking=Tracking.EVENTS)
    driver, log = live(spec, seed, Joining())
    assert driver.refusals == []
    check_all_served(log)
    assert sum(event.additions for event in events_of(log, PlanApplied)) > 3  # type: ignore[attr-defined]
    # Nothing is taken from the counter before it is ready.
    ready_at: dict[str, int] = {}
    for record in log.records:
        name, order_id = type(record.message).__name__, getattr(record.message, "order_id", "")
        if name == "OrderReady":
            ready_at[order_id] = record.at_ms
        elif isinstance(record.message, OrderPickedUp):
            assert ready_at[order_id] <= record.at_ms
    replay_log(spec.setup, log)


def break_down(chance: np.random.Generator, driver: SimpyDriver, records: Sequence[LogRecord]) -> None:
    """Now and then a rider breaks down on the way to a merchant, or on the way to a door."""
    for record in records:
        if isinstance(record.message, TripAssigned | OrderPickedUp) and chance.random() < 0.2:
            at_ms = record.at_ms + int(chance.integers(3 * MINUTE_MS))
            driver.at(at_ms, partial(driver.submit, ReportBreakdown(record.message.rider_id, "flat tire")))


@pytest.mark.parametrize("policy", sorted(MATCHERS))
def test_food_of_riders_who_break_down_is_delivered_by_others(
    small_scenario: Callable[..., ScenarioSpec], policy: str
) -> None:
    spec = small_scenario(customers=CustomerBehavior(None))
    shifts = tuple(
        replace(shift, rider_id=f"{shift.rider_id}-{n}") for n in range(4) for shift in spec.shifts
    )
    spec = replace(spec, shifts=shifts, tracking=Tracking.EVENTS)
    hear = partial(break_down, np.random.default_rng(0))
    driver, log = live(spec, 0, MATCHERS[policy], hear)
    check_all_served(log)
    assert events_of(log, RiderBrokeDown)
    returned = [e for e in events_of(log, OrderReturned) if e.was_picked_up]  # type: ignore[attr-defined]
    assert returned
    last = {e.order_id: e.rider_id for e in events_of(log, OrderDelivered)}  # type: ignore[attr-defined]
    assert all(last[e.order_id] != e.rider_id for e in returned)  # type: ignore[attr-defined]
    # Only who has broken down is refused anything: to break down again, or to end the shift.
    assert {type(refusal.command).__name__ for refusal in driver.refusals} <= {"ReportBreakdown", "EndShift"}
    replay_log(spec.setup, log)


def test_silent_phones_cost_no_order(small_scenario: Callable[..., ScenarioSpec]) -> None:
    spec = small_scenario(customers=CustomerBehavior(None))
    assert spec.gps is not None
    gps = replace(spec.gps, dropouts_per_hour=6.0, dropout_ms=10 * MINUTE_MS)
    params = DispatchParams(rescue=RescueParams(silent_ms=30_000))
    spec = replace(spec, gps=gps, setup=replace(spec.setup, dispatch_params=params))
    _, log = live(spec, 1, MATCHERS["hungarian"])
    check_all_served(log)
    assert any(e.reason == "rider_silent" for e in events_of(log, OrderReturned))  # type: ignore[attr-defined]
    _, again = live(spec, 1, MATCHERS["hungarian"])
    assert log_hash(again.records) == log_hash(log.records)
