"""When decisions are made, what they see, and where riders are believed to be."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.book import Book, DispatchState
from dispatch.engine import DispatchEngine
from dispatch.params import DispatchParams
from domain.commands import ArriveAtMerchant, CancelOrder, MarkOrderReady, PlaceOrder
from domain.errors import InvalidValueError, UnknownIdError
from domain.events import DecisionRequested, RiderMoved
from domain.geo import Point
from domain.units import MINUTE_MS, Millis
from tests.dispatch.desk import (
    ASSIGNING,
    GRUBHUB,
    GRUBHUB_PARAMS,
    GRUBHUB_TIMES,
    START_MS,
    TOWN,
    Desk,
)


def decisions(desk: Desk) -> list[tuple[Millis, DecisionRequested]]:
    return [(r.at_ms, r.message) for r in desk.log.records if isinstance(r.message, DecisionRequested)]


@given(st.integers(0, 10**13), st.integers(1, 100_000), st.integers(0, 99_999))
def test_the_epoch_grid(earliest_ms: int, step_ms: int, offset_ms: int) -> None:
    desk = Desk()
    params = DispatchParams(epoch_ms=step_ms, epoch_offset_ms=offset_ms % step_ms)
    book = Book(TOWN, desk.plane, desk.plane, desk.rules, desk.times, params)
    epoch_ms = book.epoch_from(earliest_ms)
    assert earliest_ms <= epoch_ms < earliest_ms + step_ms
    assert epoch_ms % step_ms == params.epoch_offset_ms


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epoch_ms", 0),
        ("epoch_offset_ms", 15_000),
        ("epoch_offset_ms", -1),
        ("offer_expires_ms", 0),
        ("solve_timeout_ms", 0),
        ("reoffer_after_ms", 0),
        ("relocate_beyond_m", float("nan")),
    ],
)
def test_parameters_check_themselves(field: str, value: float) -> None:
    with pytest.raises(InvalidValueError) as refused:
        DispatchParams(**{field: value})
    assert refused.value.field == field


def test_everything_of_the_same_minute_is_seen_first() -> None:
    desk = Desk(GRUBHUB, GRUBHUB_TIMES, GRUBHUB_PARAMS)
    desk.order()
    desk.order()
    desk.rider("c1")
    desk.wait(MINUTE_MS)
    assert decisions(desk) == [(START_MS + 1, DecisionRequested("decision-1", 2, 1))]


def test_no_decision_while_nobody_waits() -> None:
    desk = Desk()
    desk.rider("rider-1")
    assert desk.room.next_due_ms() is None
    desk.wait(1)
    order_id = desk.order()
    assert desk.room.next_due_ms() == START_MS + desk.params.epoch_ms
    desk.say(CancelOrder(order_id), 1)
    assert desk.room.next_due_ms() is None


def test_orders_keep_being_decided_until_they_are_served() -> None:
    desk = Desk(policy="nearest")
    desk.order()
    desk.wait(MINUTE_MS)
    asked = [at - START_MS for at, _ in decisions(desk)]
    assert asked == [0, 15_000, 30_000, 45_000, 60_000]


def test_a_plan_with_its_own_time_holds_up_the_next_decision() -> None:
    desk = Desk(policy="nearest", solve_ms=20_000)
    desk.order()
    desk.wait(MINUTE_MS)
    assert [at - START_MS for at, _ in decisions(desk)] == [0, 30_000, 60_000]


def test_only_the_pending_decision_has_a_snapshot() -> None:
    desk = Desk()
    desk.order("m-2")
    desk.wait(0)
    assert desk.engine.decision("decision-1").at_ms == START_MS
    with pytest.raises(UnknownIdError):
        desk.engine.decision("decision-2")
    asked = desk.engine.decision("decision-1")
    desk.reopen()
    assert desk.engine.decision("decision-1") == asked
    assert desk.engine.pending_decision(desk.now_ms) == asked


def test_a_snapshot_lists_the_oldest_first_and_riders_by_id() -> None:
    desk = Desk()
    for rider_id in ("c10", "c2", "c1"):
        desk.rider(rider_id)
    desk.wait(1)
    for _ in range(11):
        desk.order()
    desk.wait(MINUTE_MS // 2)
    snapshot = desk.engine.pending_decision(desk.now_ms)
    assert snapshot is not None
    assert [order.order_id for order in snapshot.orders] == [f"order-{k}" for k in range(1, 12)]
    assert [rider.rider_id for rider in snapshot.riders] == ["c1", "c10", "c2"]
    assert snapshot.next_epoch_ms > snapshot.at_ms


def test_a_busy_rider_is_seen_where_the_trip_ends() -> None:
    desk = Desk(ASSIGNING)
    desk.rider("rider-1")
    order_id = desk.order(x=3_000.0)
    desk.decide(("rider-1", [order_id]))
    desk.say(ArriveAtMerchant("rider-1"))
    desk.say(MarkOrderReady(order_id))
    desk.order()
    desk.wait(15_000)
    snapshot = desk.engine.pending_decision(desk.now_ms)
    assert snapshot is not None
    (view,) = snapshot.riders
    assert desk.plane.point(view.location).x == 3_000.0
    assert not view.is_free
    times = desk.times
    service_ms = times.pickup_before_ms + times.pickup_after_ms
    assert view.free_at_ms == START_MS + service_ms + 10 * MINUTE_MS + 90_000


@pytest.mark.parametrize(
    ("x", "believed"), [(119.0, 0.0), (121.0, 121.0), (1e9, 0.0)], ids=["noise", "moved", "outside"]
)
def test_where_an_idle_rider_is_believed_to_be(x: float, believed: float) -> None:
    desk = Desk()
    desk.rider("rider-1")
    desk.engine.handle(RiderMoved("rider-1", desk.now_ms, Point(x, 0.0), None, None), desk.now_ms)
    desk.engine.handle(RiderMoved("nobody", desk.now_ms, Point(x, 0.0), None, None), desk.now_ms)
    desk.order()
    desk.wait(15_000)
    assert desk.plane.point(desk.state.riders["rider-1"].location).x == believed
    assert desk.state.riders["rider-1"].reported is None


def test_the_memory_survives_storage() -> None:
    desk = Desk()
    desk.rider("rider-1")
    order_id = desk.order()
    desk.engine.handle(RiderMoved("rider-1", desk.now_ms, Point(500.0, 0.0), None, None), desk.now_ms)
    stored = msgspec.msgpack.decode(desk.memory(), type=DispatchState)
    assert stored == desk.state
    desk.decide(("rider-1", [order_id]))
    assert msgspec.msgpack.decode(desk.memory(), type=DispatchState) == desk.state


def test_other_messages_do_not_concern_dispatch() -> None:
    desk = Desk()
    memory = desk.memory()
    assert desk.engine.handle(DecisionRequested("decision-7", 0, 0), desk.now_ms) == []
    assert desk.memory() == memory


def test_a_promise_is_not_before_the_floor() -> None:
    desk = Desk()
    desk.say(PlaceOrder("m-1", Point(300.0, 0.0)))
    desk.say(PlaceOrder("m-1", Point(9_000.0, 0.0)))
    near, far = desk.state.orders.values()
    assert near.promised_at_ms - START_MS == TOWN.promise.floor_ms
    assert far.promised_at_ms - START_MS == (15 + 30 + 12) * MINUTE_MS


@pytest.mark.parametrize("field", ["ready_at_ms", "promised_at_ms"])
def test_an_order_cannot_be_ready_or_due_before_it_is_placed(field: str) -> None:
    desk = Desk()
    place = PlaceOrder("m-1", Point(77.0, 0.0), **{field: START_MS - 1})
    error = desk.refuses(place)
    assert isinstance(error, InvalidValueError)
    assert error.field == field


def test_unknown_names_are_named() -> None:
    desk = Desk()
    for command in (
        PlaceOrder("m-9", Point(77.0, 0.0)),
        CancelOrder("order-9"),
        ArriveAtMerchant("rider-9"),
    ):
        error = desk.refuses(command)
        assert isinstance(error, UnknownIdError)
        assert "-9" in str(error)


def test_an_engine_begins_with_nothing() -> None:
    desk = Desk()
    plane = desk.plane
    engine = DispatchEngine(Book(TOWN, plane, plane, desk.rules, desk.times, desk.params))
    assert engine.state == DispatchState()
    assert engine.next_wakeup_ms() is None
    assert engine.wake(START_MS) == []
