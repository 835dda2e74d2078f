"""Customers who state how much they order, or order for later; riders who can carry only so much."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.matching import MATCHERS
from dispatch.snapshot import Snapshot
from domain.commands import PlaceOrder, StartShift
from domain.errors import InvalidValueError
from domain.events import (
    IncidentOpened,
    OrderCanceled,
    OrderDelivered,
    OrderPickedUp,
    OrderPlaced,
    OrderReleased,
    PlanRefused,
    TripAssigned,
    TripRevised,
)
from domain.loads import USUAL_CAPACITY, Capacity, Load, Vehicle
from domain.plans import AdditionsUntil
from domain.units import HOUR_MS, MINUTE_MS
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import LogHeader, LogRecord
from runtime.explanations import recompute_all
from runtime.replay import ENGINE_VERSION
from sim.demand import DrawnOrder, PoissonDemand, draw_orders
from sim.randomness import StreamKind, Streams
from sim.run import run
from sim.spec import ScenarioSpec
from sim.wishes import WishSpec

Scenario = Callable[..., ScenarioSpec]
WISHES = WishSpec(load_share=0.8, scheduled_share=0.5, ahead_ms=HOUR_MS)


def wishing(spec: ScenarioSpec, wishes: WishSpec) -> ScenarioSpec:
    assert isinstance(spec.demand, PoissonDemand)
    return replace(spec, demand=replace(spec.demand, wishes=wishes))


def orders_of(spec: ScenarioSpec, wishes: WishSpec) -> list[DrawnOrder]:
    wanted = wishing(spec, wishes)
    return draw_orders(wanted.demand, wanted.setup.city, wanted.kitchens, wanted.starts_at_ms, Streams(1))


def plain(orders: list[DrawnOrder]) -> list[DrawnOrder]:
    return [replace(order, load=None, window=None) for order in orders]


# --- what is drawn ---


def test_wishes_change_nothing_else(small_scenario: Scenario) -> None:
    spec = small_scenario()
    without, some, more = (
        orders_of(spec, wishes)
        for wishes in (WishSpec(), WishSpec(0.3, 0.2), WishSpec(0.6, 0.7, ahead_ms=2 * HOUR_MS))
    )
    assert plain(some) == plain(more) == without == plain(without)
    for field in ("load", "window"):
        few, many = ({o.stream_key: getattr(o, field) for o in orders} for orders in (some, more))
        stated = {key for key, value in few.items() if value is not None}
        assert 0 < len(stated) < sum(value is not None for value in many.values())
        assert all(many[key] == few[key] for key in stated)


def test_without_wishes_a_run_is_what_it_was(small_scenario: Scenario) -> None:
    spec = small_scenario()
    never = WishSpec(ahead_ms=5 * HOUR_MS, window_ms=HOUR_MS)
    assert run(spec, 1).log_hash == run(wishing(spec, never), 1).log_hash


@given(st.integers(0, 10**6), st.integers(1, 24 * 60), st.integers(15, 240), st.integers(0, 90))
def test_windows_are_round_and_far_enough_ahead(
    key: int, ahead_min: int, window_min: int, usual_min: int
) -> None:
    wishes = WishSpec(1.0, 1.0, ahead_min * MINUTE_MS, window_min * MINUTE_MS)
    stream = Streams(1).stream(StreamKind.ORDER_WISHES, key)
    load, window = wishes.draw(stream, 12_345, usual_min * MINUTE_MS)
    assert load is not None
    assert window is not None
    assert window.earliest_ms % (5 * MINUTE_MS) == 0
    assert window.earliest_ms >= 12_345 + (usual_min + 30) * MINUTE_MS
    assert window.latest_ms - window.earliest_ms == window_min * MINUTE_MS


@pytest.mark.parametrize(
    ("field", "value"),
    [("load_share", 1.1), ("scheduled_share", -0.1), ("ahead_ms", 0), ("window_ms", 14 * MINUTE_MS)],
)
def test_impossible_wishes_are_refused(field: str, value: float) -> None:
    with pytest.raises(InvalidValueError, match=field):
        WishSpec(**{field: value})  # type: ignore[arg-type]


# --- what becomes of it ---


def mixed_fleet(spec: ScenarioSpec) -> ScenarioSpec:
    """Return a scenario in which half the riders have bicycles, others a scooter, a car or no limit."""
    vehicles = (Vehicle.BICYCLE, Vehicle.SCOOTER, Vehicle.BICYCLE, Vehicle.CAR, Vehicle.BICYCLE, None)
    shifts = tuple(
        replace(shift, vehicle=vehicles[n % 6], ends_at_ms=shift.ends_at_ms + 2 * HOUR_MS)
        for n, shift in enumerate(spec.shifts)
    )
    rules = replace(spec.setup.rules, additions_until=AdditionsUntil.PICKUP)
    setup = replace(spec.setup, rules=rules)
    return wishing(replace(spec, shifts=shifts, setup=setup, drain_ms=5 * HOUR_MS), WISHES)


def logged(spec: ScenarioSpec, policy: str) -> MemoryLog:
    log = MemoryLog(LogHeader(ENGINE_VERSION, spec.name, spec.scenario_hash, policy, 1))
    run(spec, 1, policy=policy, log=log)
    return log


def overloads(records: list[LogRecord]) -> int:
    loads: dict[str, Load | None] = {}
    capacities: dict[str, Capacity] = {}
    found = 0
    for record in records:
        message = record.message
        if isinstance(message, OrderPlaced):
            loads[message.order_id] = message.load
        elif isinstance(message, StartShift) and message.vehicle is not None:
            capacities[message.rider_id] = USUAL_CAPACITY[message.vehicle]
        elif isinstance(message, TripAssigned | TripRevised) and message.rider_id in capacities:
            capacity = capacities[message.rider_id]
            carried = [load for order_id in message.order_ids if (load := loads[order_id]) is not None]
            found += sum(load.volume_l for load in carried) > capacity.volume_l
            found += sum(load.weight_g for load in carried) > capacity.weight_g
    return found


@pytest.mark.parametrize("policy", MATCHERS)
def test_a_day_of_wishes_goes_well_and_replays(small_scenario: Scenario, policy: str) -> None:
    spec = mixed_fleet(small_scenario())
    log = logged(spec, policy)
    records = list(log.read())
    assert overloads(records) == 0
    assert not any(isinstance(record.message, PlanRefused) for record in records)

    placed = {r.message.order_id: r.message for r in records if isinstance(r.message, OrderPlaced)}
    released = {r.message.order_id: r.at_ms for r in records if isinstance(r.message, OrderReleased)}
    windows = {order_id: event.window for order_id, event in placed.items() if event.window is not None}
    canceled = {r.message.order_id for r in records if isinstance(r.message, OrderCanceled)}
    assert len(windows) > 8
    assert released == {order_id: placed[order_id].release_at_ms for order_id in windows}
    taken = {r.message.order_id: r.at_ms for r in records if isinstance(r.message, OrderPickedUp)}
    delivered = {r.message.order_id: r.at_ms for r in records if isinstance(r.message, OrderDelivered)}
    for order_id, window in windows.items():
        if order_id not in canceled:
            assert released[order_id] < taken[order_id]
            assert window.earliest_ms <= delivered[order_id]
    on_time = [window.holds(delivered.get(order_id, 0)) for order_id, window in windows.items()]
    assert sum(on_time) >= 0.7 * len(on_time)

    # A replay compares every event; every explanation comes out again from the snapshot it was made on.
    found = recompute_all(log, spec.setup)
    assert found.mismatches == ()
    assert found.incomparable == 0


def test_nobody_worries_about_an_order_before_its_window(small_scenario: Scenario) -> None:
    spec = wishing(small_scenario(), WishSpec(scheduled_share=1.0, ahead_ms=HOUR_MS))
    log = logged(spec, "rolling")
    released = {r.message.order_id: r.at_ms for r in log.read() if isinstance(r.message, OrderReleased)}
    opened = [r for r in log.read() if isinstance(r.message, IncidentOpened) and r.message.order_id]
    assert all(record.at_ms >= released[str(record.message.order_id)] for record in opened)  # type: ignore[union-attr]
    asked = [r.message for r in log.read() if isinstance(r.message, PlaceOrder)]
    assert asked
    assert all(order.window is not None for order in asked)


def test_snapshots_without_wishes_hold_nothing_of_them() -> None:
    empty = Snapshot.__dataclass_fields__
    assert [empty[name].default for name in ("loads", "capacities", "windows")] == [(), (), ()]
