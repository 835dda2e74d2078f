"""What cannot be assigned by hand is refused in words that say what would be right."""

import pytest

from domain.commands import (
    DeliverOrder,
    EndShift,
    PickUpOrder,
    PinOrder,
    PlaceOrder,
    ReleaseOrder,
    StartShift,
)
from domain.errors import ConflictError, InvalidValueError, RuleBrokenError, UnknownIdError, WrongStateError
from domain.geo import Point
from domain.loads import Capacity, Load
from domain.orders import OrderState
from domain.schedule import DeliveryWindow
from domain.units import HOUR_MS, MINUTE_MS
from tests.dispatch.desk import ASSIGNING, RIDER, Desk, on_a_trip
from tests.dispatch.test_pins import OTHER, two_riders


def test_what_cannot_be_assigned_is_refused_in_words_and_changes_nothing() -> None:
    desk, order = two_riders()
    desk.say(StartShift("rider-3", Point(0.0, 0.0), desk.now_ms + HOUR_MS))
    desk.say(EndShift("rider-3"))
    carried, done = desk.order(), desk.order()
    for other, rider in ((carried, RIDER), (done, OTHER)):
        desk.say(PinOrder(other, rider))
        desk.say(PickUpOrder(rider, other), 1_000)
    desk.say(DeliverOrder(OTHER, done))
    for command, kind, words in (
        (PinOrder("order-99", RIDER), UnknownIdError, "no order 'order-99'"),
        (PinOrder(order, "nobody"), UnknownIdError, "no rider 'nobody'"),
        (PinOrder(order, "rider-3"), ConflictError, "off duty; possible: a rider on duty"),
        (PinOrder(carried, OTHER), WrongStateError, "is picked_up: assign is not possible"),
        (PinOrder(done, RIDER), ConflictError, "already delivered"),
        (ReleaseOrder(order), ConflictError, "not assigned by hand"),
        (ReleaseOrder(carried), ConflictError, "picked up already"),
    ):
        error = desk.refuses(command)
        assert isinstance(error, kind)
        assert words in str(error)
    desk.say(EndShift(RIDER))
    error = desk.refuses(PinOrder(order, RIDER))
    assert "after the present trip" in str(error)


def test_the_rule_that_is_broken_is_named_with_what_would_be_right() -> None:
    desk = Desk(ASSIGNING)
    desk.rider(RIDER, x=6_000.0, hours=0.25)
    error = desk.refuses(PinOrder(desk.order(), RIDER))
    assert isinstance(error, RuleBrokenError)
    assert (error.rule, error.field) == ("pickup_after_shift", "rider_id")
    pickup_ms = desk.now_ms + 21 * MINUTE_MS
    assert error.allowed == f"a rider whose shift lasts until the pickup, at {pickup_ms}"
    desk.rider(OTHER, x=6_000.0, hours=0.35)
    assert desk.refuses(PinOrder("order-1", OTHER)) is None


def test_a_rider_past_the_end_of_the_shift_gets_nothing_more() -> None:
    desk, _ = on_a_trip(600.0)
    desk.wait(9 * HOUR_MS)
    error = desk.refuses(PinOrder(desk.order(), RIDER))
    assert isinstance(error, RuleBrokenError)
    assert "whose shift is over" in str(error)


def test_nobody_is_given_by_hand_what_is_too_much_to_carry() -> None:
    desk = Desk(ASSIGNING)
    small = Capacity(volume_l=20, weight_g=5_000)
    desk.say(StartShift(RIDER, Point(0.0, 0.0), desk.now_ms + HOUR_MS, capacity=small))
    desk.rider(OTHER)
    desk.say(PlaceOrder("m-1", Point(600.0, 0.0), load=Load(volume_l=40, weight_g=4_000)))
    error = desk.refuses(PinOrder("order-1", RIDER))
    assert isinstance(error, RuleBrokenError)
    assert error.rule == "overloaded"
    assert "40 l and 4000 g, at most 20 l, 5000 g" in str(error)
    desk.say(PinOrder("order-1", OTHER))
    assert isinstance(desk.refuses(PinOrder("order-1", RIDER)), RuleBrokenError)


def test_a_scheduled_order_is_assigned_once_it_is_released() -> None:
    desk = Desk(ASSIGNING)
    desk.rider(RIDER)
    window = DeliveryWindow(desk.now_ms + 3 * HOUR_MS, desk.now_ms + 3 * HOUR_MS + 15 * MINUTE_MS)
    desk.say(PlaceOrder("m-1", Point(600.0, 0.0), window=window))
    error = desk.refuses(PinOrder("order-1", RIDER))
    assert isinstance(error, WrongStateError)
    assert "is scheduled: assign is not possible; possible now: release" in str(error)
    while desk.state.orders["order-1"].state is OrderState.SCHEDULED:
        desk.wait(MINUTE_MS)
    desk.say(PinOrder("order-1", RIDER))
    assert desk.state.orders["order-1"].rider_id == RIDER


def test_a_name_too_long_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="at most 64 characters"):
        PinOrder("order-1", RIDER, "x" * 65)
    with pytest.raises(InvalidValueError, match="at most 64 characters"):
        ReleaseOrder("order-1", "x" * 65)
