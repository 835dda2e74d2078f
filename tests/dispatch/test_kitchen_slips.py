"""Rescue from kitchens: an order that makes the others wait leaves them."""

import pytest

from domain.commands import ArriveAtMerchant, ConfirmOrder, PickUpOrder
from domain.events import OrderConfirmed, OrderReturned, TripEnded, TripRevised
from domain.plans import ServiceRules
from domain.riders import RiderState
from domain.units import MINUTE_MS
from tests.dispatch.chaos import check
from tests.dispatch.desk import ASSIGNING, DIVERTING, OFFERING, RIDER, Desk, on_a_trip


def slip(desk: Desk, order_id: str, minutes: int) -> list[object]:
    return list(desk.say(ConfirmOrder(order_id, desk.now_ms + minutes * MINUTE_MS)))


def test_an_order_whose_kitchen_slips_leaves_the_others() -> None:
    desk, (a, b) = on_a_trip()
    assert slip(desk, a, 8) == [OrderConfirmed(a, desk.now_ms + 8 * MINUTE_MS)]
    events = slip(desk, a, 9)
    assert [type(e) for e in events] == [OrderConfirmed, OrderReturned, TripRevised]
    (trip,) = desk.state.trips.values()
    assert trip.order_ids == (b,)
    assert trip.stops[0].done_at_ms == trip.stops[0].arrives_at_ms + desk.times.pickup_before_ms
    assert list(desk.state.waiting) == [a]
    check(desk.state)


def test_at_the_merchant_too() -> None:
    desk, (a, b) = on_a_trip()
    desk.say(ArriveAtMerchant(RIDER), 3 * MINUTE_MS)
    desk.say(PickUpOrder(RIDER, a), MINUTE_MS)
    events = slip(desk, b, 10)
    assert isinstance(events[-1], TripRevised)
    assert desk.state.riders[RIDER].state is RiderState.TO_DOOR
    check(desk.state)


@pytest.mark.parametrize(("rules", "is_freed"), [(OFFERING, False), (ASSIGNING, False), (DIVERTING, True)])
def test_a_rider_on_the_way_is_called_back_only_where_riders_may_be_diverted(
    rules: ServiceRules, is_freed: bool
) -> None:
    desk, (a,) = on_a_trip(600.0, rules=rules)
    events = slip(desk, a, 30)
    assert any(isinstance(e, OrderReturned) for e in events) == is_freed
    assert (desk.state.riders[RIDER].state is RiderState.IDLE) == is_freed
    check(desk.state)


def test_an_offer_for_food_that_slips_is_withdrawn() -> None:
    desk = Desk()
    desk.rider(RIDER, x=-900.0)
    order_id = desk.order()
    desk.decide((RIDER, [order_id]))
    events = slip(desk, order_id, 30)
    assert [type(e) for e in events] == [OrderConfirmed, OrderReturned, TripEnded]
    assert desk.state.riders[RIDER].state is RiderState.IDLE
    assert not desk.state.offers
    check(desk.state)


def test_an_order_is_taken_back_for_its_kitchen_at_most_twice() -> None:
    desk = Desk()
    desk.rider(RIDER, x=-900.0)
    order_id = desk.order()
    freed = []
    for _ in range(3):
        desk.decide((RIDER, [order_id]))
        freed.append(any(isinstance(e, OrderReturned) for e in slip(desk, order_id, 30)))
    assert freed == [True, True, False]
