"""A simulated city in which a dispatcher assigns orders by hand: everybody obeys, and the log replays."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from dispatch.matching import MATCHERS
from domain.commands import PinOrder, ReleaseOrder
from domain.events import OrderAssigned, OrderPickedUp, OrderPinned, OrderPlaced, OrderUnpinned
from domain.plans import AdditionsUntil
from domain.units import MINUTE_MS
from runtime.bootstrap import replay_log
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import LogRecord
from sim.driver import SimpyDriver
from sim.spec import CustomerBehavior, ScenarioSpec, Tracking
from tests.sim.test_rescue_and_additions import check_all_served, live


def dispatcher(
    chance: np.random.Generator, riders: Sequence[str], driver: SimpyDriver, records: Sequence[LogRecord]
) -> None:
    """Assign every third order to somebody some minutes after it was placed, and release some later."""
    for record in records:
        if isinstance(record.message, OrderPlaced) and chance.random() < 0.34:
            order_id, rider_id = record.message.order_id, riders[int(chance.integers(len(riders)))]
            at_ms = record.at_ms + int(chance.integers(4 * MINUTE_MS))
            driver.at(at_ms, partial(driver.submit, PinOrder(order_id, rider_id, "Chen")))
            if chance.random() < 0.2:
                driver.at(at_ms + 6 * MINUTE_MS, partial(driver.submit, ReleaseOrder(order_id)))


def with_their_riders(log: MemoryLog) -> int:
    """Show that pinned orders went to their riders alone; return how many were picked up by them."""
    pins: dict[str, str] = {}
    kept = 0
    for record in log.records:
        event = record.message
        if isinstance(event, OrderPinned):
            pins[event.order_id] = event.rider_id
        elif isinstance(event, OrderUnpinned):
            del pins[event.order_id]
        elif isinstance(event, OrderAssigned) and event.order_id in pins:
            assert pins[event.order_id] == event.rider_id
        elif isinstance(event, OrderPickedUp) and event.order_id in pins:
            assert pins.pop(event.order_id) == event.rider_id
            kept += 1
    return kept


@pytest.mark.parametrize("policy", sorted(MATCHERS))
def test_a_city_with_a_dispatcher(small_scenario: Callable[..., ScenarioSpec], policy: str) -> None:
    spec = small_scenario(customers=CustomerBehavior(None))
    setup = replace(spec.setup, rules=replace(spec.setup.rules, additions_until=AdditionsUntil.PICKUP))
    spec = replace(spec, setup=setup, tracking=Tracking.EVENTS)
    riders = [shift.rider_id for shift in spec.shifts]
    driver, log = live(spec, 3, MATCHERS[policy], partial(dispatcher, np.random.default_rng(7), riders))
    check_all_served(log)
    assert with_their_riders(log) > 5
    # Too late, or not pinned any more: nothing else is refused.
    assert {type(r.command).__name__ for r in driver.refusals} <= {"PinOrder", "ReleaseOrder", "AcceptOffer"}
    replay_log(spec.setup, log)
