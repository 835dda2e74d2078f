"""Trips with several orders: picked up in parts, called off at every state, delivered out of sequence."""

import pytest

from domain.commands import (
    ArriveAtDoor,
    ArriveAtMerchant,
    CancelOrder,
    ConfirmOrder,
    DeliverOrder,
    EndShift,
    MarkOrderReady,
    PickUpOrder,
)
from domain.errors import ConflictError, WrongStateError
from domain.events import OrderCanceled, OrderConfirmed, ShiftEnded, TripEnded, TripRevised
from domain.orders import OrderState
from domain.plans import StopKind
from domain.riders import RiderState
from domain.units import MINUTE_MS
from tests.dispatch.chaos import check
from tests.dispatch.desk import ASSIGNING, Desk

RIDER = "rider-1"


def on_a_trip(doors: tuple[float, ...] = (600.0, 1_200.0, 1_800.0)) -> tuple[Desk, list[str]]:
    desk = Desk(ASSIGNING)
    desk.rider(RIDER, x=-900.0)
    orders = [desk.order(x=x) for x in doors]
    desk.decide((RIDER, orders))
    assert desk.state.riders[RIDER].state is RiderState.TO_MERCHANT
    return desk, orders


def pick_up_all(desk: Desk, orders: list[str]) -> None:
    desk.say(ArriveAtMerchant(RIDER), 3 * MINUTE_MS)
    for order_id in orders:
        desk.say(PickUpOrder(RIDER, order_id), MINUTE_MS)


def sequence(desk: Desk) -> list[tuple[str, ...]]:
    (trip,) = desk.state.trips.values()
    return [stop.order_ids for stop in trip.stops]


def test_a_trip_from_end_to_end() -> None:
    desk, (a, b, c) = on_a_trip()
    pick_up_all(desk, [a, b, c])
    for order_id in (a, b):
        desk.say(ArriveAtDoor(RIDER, order_id), 2 * MINUTE_MS)
        desk.say(DeliverOrder(RIDER, order_id), MINUTE_MS)
    events = desk.say(DeliverOrder(RIDER, c), 3 * MINUTE_MS)
    (ended,) = (e for e in events if isinstance(e, TripEnded))
    assert desk.plane.point(ended.location).x == 1_800.0
    assert ended.free_at_ms == desk.now_ms + desk.times.dropoff_after_ms
    assert set(desk.state.closed.values()) == {OrderState.DELIVERED}


def test_picked_up_in_parts_the_rest_can_be_called_off() -> None:
    desk, (a, b, c) = on_a_trip()
    desk.say(ArriveAtMerchant(RIDER), 3 * MINUTE_MS)
    desk.say(PickUpOrder(RIDER, a))
    assert sequence(desk) == [(b, c), (a,), (b,), (c,)]
    assert isinstance(desk.refuses(DeliverOrder(RIDER, a)), ConflictError)
    desk.say(CancelOrder(b))
    assert sequence(desk) == [(c,), (a,), (c,)]
    desk.say(CancelOrder(c), MINUTE_MS)
    assert sequence(desk) == [(a,)]
    assert desk.state.riders[RIDER].state is RiderState.TO_DOOR
    check(desk.state)
    desk.say(DeliverOrder(RIDER, a), 5 * MINUTE_MS)
    assert desk.state.riders[RIDER].state is RiderState.IDLE


def test_an_arrival_told_after_the_first_pickup() -> None:
    desk, (a, b, c) = on_a_trip()
    desk.say(PickUpOrder(RIDER, a), 4 * MINUTE_MS)
    desk.say(ArriveAtMerchant(RIDER))
    assert [desk.state.orders[o].state for o in (a, b, c)] == [
        OrderState.PICKED_UP,
        OrderState.AT_MERCHANT,
        OrderState.AT_MERCHANT,
    ]


@pytest.mark.parametrize("state", [OrderState.PLACED, OrderState.ASSIGNED, OrderState.AT_MERCHANT])
def test_the_only_order_is_called_off(state: OrderState) -> None:
    desk = Desk(ASSIGNING)
    desk.rider(RIDER, x=-900.0)
    order_id = desk.order()
    if state is not OrderState.PLACED:
        desk.decide((RIDER, [order_id]))
    if state is OrderState.AT_MERCHANT:
        desk.say(ArriveAtMerchant(RIDER), MINUTE_MS)
    assert desk.state.orders[order_id].state is state
    events = desk.say(CancelOrder(order_id, "changed my mind"), MINUTE_MS // 2)
    rider_id = None if state is OrderState.PLACED else RIDER
    assert events[0] == OrderCanceled(order_id, rider_id, "changed my mind")
    assert desk.state.riders[RIDER].state is RiderState.IDLE
    if state is OrderState.AT_MERCHANT:
        assert isinstance(events[1], TripEnded)
        assert desk.plane.point(events[1].location).x == 0.0
    check(desk.state)
    assert isinstance(desk.refuses(CancelOrder(order_id)), ConflictError)


def test_what_is_carried_cannot_be_called_off() -> None:
    desk, (a, b, c) = on_a_trip()
    pick_up_all(desk, [a, b, c])
    assert isinstance(desk.refuses(CancelOrder(a)), WrongStateError)
    desk.say(ArriveAtDoor(RIDER, a))
    assert isinstance(desk.refuses(CancelOrder(a)), WrongStateError)


def test_doors_out_of_sequence_give_a_whole_new_plan() -> None:
    desk, (a, b, c) = on_a_trip()
    pick_up_all(desk, [a, b, c])
    events = desk.say(ArriveAtDoor(RIDER, c), MINUTE_MS)
    assert isinstance(events[-1], TripRevised)
    assert sequence(desk) == [(c,), (a,), (b,)]
    check(desk.state)
    events = desk.say(DeliverOrder(RIDER, c), MINUTE_MS)
    assert not any(isinstance(e, TripRevised) for e in events)
    check(desk.state)


def test_delivered_out_of_sequence_without_a_word_of_the_arrival() -> None:
    # The second door is the merchant's own, so that the first drive seems to begin at the right place.
    desk, (a, b, c) = on_a_trip((600.0, 0.0, 1_800.0))
    pick_up_all(desk, [a, b, c])
    events = desk.say(DeliverOrder(RIDER, b), MINUTE_MS)
    assert sequence(desk) == [(a,), (c,)]
    assert isinstance(events[-1], TripRevised)
    check(desk.state)
    desk, (a, b, c) = on_a_trip((600.0, 0.0, 1_800.0))
    pick_up_all(desk, [a, b, c])
    desk.say(DeliverOrder(RIDER, a), MINUTE_MS)
    desk.say(DeliverOrder(RIDER, c), MINUTE_MS)
    check(desk.state)


def test_another_order_may_be_handed_over_at_a_door_where_nobody_answers() -> None:
    desk, (a, b, c) = on_a_trip()
    pick_up_all(desk, [a, b, c])
    desk.say(ArriveAtDoor(RIDER, a), MINUTE_MS)
    for order_id in (b, c, a):
        desk.say(DeliverOrder(RIDER, order_id), MINUTE_MS)
        check(desk.state)
    assert not desk.state.orders


def test_a_late_arrival_does_not_delay_food_that_is_not_ready_anyway() -> None:
    desk = Desk(ASSIGNING)
    desk.rider(RIDER, x=-900.0)
    order_id = desk.order(ready_in_ms=20 * MINUTE_MS)
    ready_at_ms = desk.now_ms + 20 * MINUTE_MS
    desk.decide((RIDER, [order_id]))
    desk.say(ArriveAtMerchant(RIDER), 10 * MINUTE_MS)
    (trip,) = desk.state.trips.values()
    assert trip.stops[0].done_at_ms == ready_at_ms


def test_a_ready_time_moves_what_follows() -> None:
    desk, (_, b, _) = on_a_trip()
    (trip,) = desk.state.trips.values()
    before = [stop.done_at_ms for stop in trip.stops]
    later = before[0] + 4 * MINUTE_MS
    desk.say(ConfirmOrder(b, later))
    assert [stop.done_at_ms for stop in trip.stops] == [at + 4 * MINUTE_MS for at in before]
    desk.say(MarkOrderReady(b))
    assert [stop.done_at_ms for stop in trip.stops] == before
    assert desk.say(ConfirmOrder(b, later)) == [OrderConfirmed(b, desk.now_ms)]
    assert desk.say(MarkOrderReady(b)) == []
    check(desk.state)


def test_the_shift_ends_with_the_trip() -> None:
    desk, (a, b, c) = on_a_trip()
    assert desk.say(EndShift(RIDER)) == []
    assert isinstance(desk.refuses(EndShift(RIDER)), ConflictError)
    pick_up_all(desk, [a, b, c])
    for order_id in (a, b, c):
        events = desk.say(DeliverOrder(RIDER, order_id), MINUTE_MS)
    assert isinstance(events[-1], ShiftEnded)
    assert desk.state.riders[RIDER].state is RiderState.OFF_DUTY
    desk.rider(RIDER)
    assert desk.state.riders[RIDER].state is RiderState.IDLE


def test_the_shift_ends_with_a_trip_that_is_called_off() -> None:
    desk, orders = on_a_trip()
    desk.say(EndShift(RIDER))
    for order_id in orders:
        events = desk.say(CancelOrder(order_id))
    assert isinstance(events[-1], ShiftEnded)
    assert desk.state.riders[RIDER].leaving is False


def test_a_stranger_can_do_nothing_with_an_order() -> None:
    desk, (a, _, _) = on_a_trip()
    desk.rider("rider-2")
    for command in (PickUpOrder("rider-2", a), ArriveAtDoor("rider-2", a), DeliverOrder("rider-2", a)):
        assert isinstance(desk.refuses(command), ConflictError)
    assert isinstance(desk.refuses(ArriveAtMerchant("rider-2")), ConflictError)


def test_the_pickup_comes_first() -> None:
    desk, (a, _, _) = on_a_trip()
    (trip,) = desk.state.trips.values()
    assert [stop.kind for stop in trip.stops] == [StopKind.PICKUP, *[StopKind.DROPOFF] * 3]
    assert isinstance(desk.refuses(ArriveAtDoor(RIDER, a)), WrongStateError)
