"""Trips of several orders, of which customers call some off at any moment."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from dispatch.matching.base import Budget
from dispatch.snapshot import Snapshot
from domain.commands import CancelOrder
from domain.events import OrderAssigned, OrderCanceled, OrderDelivered, OrderPlaced, TripEnded, TripRevised
from domain.plans import DispatchPlan, Explanation, PlannedTrip
from domain.ports import TravelTimes
from domain.units import HOUR_MS
from runtime.bootstrap import build_control_room, new_header
from runtime.event_log.memory import MemoryLog
from runtime.solver import InlineSolver
from sim.driver import SimpyDriver
from sim.spec import CustomerBehavior, ScenarioSpec
from sim.world import simulate


class Piles:
    """Gives the first free rider up to three waiting orders of one merchant."""

    def decide(self, snapshot: Snapshot, travel: TravelTimes, budget: Budget) -> DispatchPlan:
        piles: dict[str, list[str]] = {}
        for order in snapshot.orders:
            piles.setdefault(order.merchant_id, []).append(order.order_id)
        free = [rider.rider_id for rider in snapshot.riders if rider.is_free]
        trips = tuple(
            PlannedTrip(rider_id, tuple(orders[:3]), (Explanation(),) * len(orders[:3]))
            for rider_id, orders in zip(free, piles.values(), strict=False)
        )
        return DispatchPlan(snapshot.decision_id, "piles", trips)


def run_with_cancellations(spec: ScenarioSpec, seed: int) -> tuple[SimpyDriver, MemoryLog]:
    """Every second assigned order is called off at some instant of the twenty minutes after."""
    log = MemoryLog(new_header(spec.setup, scenario="piles"))
    room = build_control_room(spec.setup, log, solver=InlineSolver(Piles(), spec.setup.travel))
    driver, _ = simulate(spec, seed, room)
    stream = np.random.default_rng(seed)

    def hear(records: object) -> None:
        for record in records:  # type: ignore[attr-defined]
            if isinstance(record.message, OrderAssigned) and stream.random() < 0.5:
                at_ms = record.at_ms + int(stream.integers(20 * 60_000))
                driver.at(at_ms, partial(driver.submit, CancelOrder(record.message.order_id, "angry")))

    room.subscribe(hear)
    driver.run_until(spec.ends_at_ms + 2 * HOUR_MS)
    return driver, log


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("declining", [True, False])
def test_riders_cope_with_orders_called_off(
    small_scenario: Callable[..., ScenarioSpec], seed: int, declining: bool
) -> None:
    spec = small_scenario(customers=CustomerBehavior(None))
    rules = replace(spec.setup.rules, riders_may_decline=declining)
    spec = replace(spec, shifts=spec.shifts[:4], setup=replace(spec.setup, rules=rules))
    driver, log = run_with_cancellations(spec, seed)
    events = [record.message for record in log.records]
    placed = [event.order_id for event in events if isinstance(event, OrderPlaced)]
    delivered = [event.order_id for event in events if isinstance(event, OrderDelivered)]
    canceled = [event.order_id for event in events if isinstance(event, OrderCanceled)]
    assert sorted(delivered + canceled) == sorted(placed)
    # Too late to be called off is the only thing that anybody was refused.
    assert {type(refusal.command) for refusal in driver.refusals} <= {CancelOrder}
    assert any(isinstance(event, TripRevised) for event in events)
    assert any(isinstance(event, TripEnded) for event in events)
