"""Offers: answered, expired, declined, withdrawn; and plans that come back too late."""

import pytest

from dispatch.params import DispatchParams, RescueParams
from dispatch.violations import ASKED_AGAIN
from domain.commands import (
    AcceptOffer,
    ApplyPlan,
    CancelOrder,
    ConfirmOrder,
    DeclineOffer,
    EndShift,
    MarkOrderReady,
    StartShift,
)
from domain.errors import ConflictError, InvalidValueError, UnknownIdError, WrongStateError
from domain.events import (
    DecisionRequested,
    OfferDeclined,
    OfferExpired,
    OrderAssigned,
    PlanApplied,
    PlanRefused,
    ShiftEnded,
    TripAssigned,
    TripEnded,
    TripOffered,
    TripRevised,
)
from domain.geo import Point
from domain.orders import OrderState
from domain.riders import RiderState
from domain.units import MINUTE_MS, SECOND_MS
from tests.dispatch.chaos import check
from tests.dispatch.desk import PARAMS, Desk

RIDER, OTHER = "rider-1", "rider-2"


def offered(*doors: float, params: DispatchParams = PARAMS) -> tuple[Desk, list[str], TripOffered]:
    desk = Desk(params=params)
    desk.rider(RIDER, x=-900.0)
    desk.rider(OTHER, x=-1_200.0)
    orders = [desk.order(x=x) for x in doors or (600.0,)]
    events = desk.decide((RIDER, orders))
    (offer,) = (e for e in events if isinstance(e, TripOffered))
    return desk, orders, offer


def stale(events: list[object]) -> tuple[str, ...]:
    (applied,) = (e for e in events if isinstance(e, PlanApplied))
    return applied.stale


def refused(events: list[object]) -> tuple[str, ...]:
    return tuple(v.kind for e in events if isinstance(e, PlanRefused) for v in e.violations)


def test_accepting_starts_the_trip_then() -> None:
    desk, orders, offer = offered(600.0, 1_200.0)
    events = desk.say(AcceptOffer(RIDER, offer.trip_id), 20 * SECOND_MS)
    assert isinstance(events[0], TripAssigned)
    assert [e.order_id for e in events if isinstance(e, OrderAssigned)] == orders
    first = events[0].stops[0]
    assert first.arrives_at_ms - first.leg.duration_ms == desk.now_ms


def test_an_offer_expires_at_its_instant_and_then_cannot_be_accepted() -> None:
    desk, orders, offer = offered()
    desk.now_ms = offer.expires_at_ms
    assert isinstance(desk.refuses(AcceptOffer(RIDER, offer.trip_id)), ConflictError)
    assert any(r.message == OfferExpired(offer.trip_id, RIDER, tuple(orders)) for r in desk.log.records)
    assert desk.state.riders[RIDER].state is RiderState.IDLE
    assert list(desk.state.waiting) == orders


def test_one_millisecond_before_it_can() -> None:
    desk, _, offer = offered()
    desk.now_ms = offer.expires_at_ms - 1
    assert desk.refuses(AcceptOffer(RIDER, offer.trip_id)) is None


def test_only_the_rider_who_is_asked_may_answer() -> None:
    desk, _, offer = offered()
    assert isinstance(desk.refuses(AcceptOffer(OTHER, offer.trip_id)), ConflictError)
    assert isinstance(desk.refuses(DeclineOffer("nobody", offer.trip_id)), UnknownIdError)
    desk.say(AcceptOffer(RIDER, offer.trip_id))
    assert isinstance(desk.refuses(AcceptOffer(RIDER, offer.trip_id)), ConflictError)
    assert isinstance(desk.refuses(DeclineOffer(RIDER, offer.trip_id)), ConflictError)


def test_who_declined_is_asked_again_only_after_a_while() -> None:
    desk, orders, offer = offered()
    events = desk.say(DeclineOffer(RIDER, offer.trip_id, "too far"))
    assert events == [OfferDeclined(offer.trip_id, RIDER, tuple(orders), "too far")]
    declined_at_ms = desk.now_ms
    desk.say(EndShift(OTHER))
    asked_again: list[bool] = []
    while desk.state.waiting:
        asked_again.append(refused(desk.decide((RIDER, orders))) == (ASKED_AGAIN,))
    assert asked_again == [True] * (len(asked_again) - 1) + [False]
    epoch_ms = desk.params.epoch_ms
    assert 0 <= desk.now_ms - declined_at_ms - desk.params.reoffer_after_ms < epoch_ms


def test_a_second_refusal_keeps_the_first() -> None:
    desk, orders, offer = offered()
    desk.say(DeclineOffer(RIDER, offer.trip_id))
    desk.decide((OTHER, orders))
    trip_id = desk.state.riders[OTHER].trip_id
    assert trip_id is not None
    desk.say(DeclineOffer(OTHER, trip_id))
    assert desk.state.orders[orders[0]].declined_by == (RIDER, OTHER)
    assert refused(desk.decide((RIDER, orders))) == (ASKED_AGAIN,)


def test_a_rider_who_leaves_while_asked_leaves() -> None:
    desk, orders, offer = offered()
    events = desk.say(EndShift(RIDER))
    assert events == [OfferDeclined(offer.trip_id, RIDER, tuple(orders), "shift_ended"), ShiftEnded(RIDER)]
    assert list(desk.state.waiting) == orders
    assert desk.state.riders[RIDER].state is RiderState.OFF_DUTY
    check(desk.state)
    assert isinstance(desk.refuses(AcceptOffer(RIDER, offer.trip_id)), ConflictError)
    desk.rider(RIDER)


def test_an_offer_whose_orders_are_called_off_is_withdrawn_where_the_rider_stands() -> None:
    desk, orders, offer = offered(600.0, 1_200.0)
    stood = desk.state.riders[RIDER].location
    events = desk.say(CancelOrder(orders[0]), 30 * SECOND_MS)
    assert isinstance(events[-1], TripRevised)
    assert events[-1].order_ids == (orders[1],)
    events = desk.say(CancelOrder(orders[1]), 10 * SECOND_MS)
    assert events[-1] == TripEnded(offer.trip_id, RIDER, stood, desk.now_ms)
    assert desk.state.riders[RIDER].state is RiderState.IDLE
    assert not desk.state.offers
    assert desk.room.next_due_ms() is None
    check(desk.state)


def test_a_withdrawn_offer_leaves_the_rider_where_the_street_was_not_driven() -> None:
    desk, orders, offer = offered()
    desk.wait_until(offer.expires_at_ms - 1)
    stood = desk.state.riders[RIDER].location
    desk.say(CancelOrder(orders[0]))
    assert desk.state.riders[RIDER].location == stood


def test_no_pickup_after_the_end_of_the_shift_even_when_the_answer_takes_long() -> None:
    desk = Desk()
    # 3 minutes to drive and 1 at the merchant: only an answer within the first 30 s is in time.
    desk.say(StartShift(RIDER, Point(-900.0, 0.0), desk.now_ms + 4 * MINUTE_MS + 30 * SECOND_MS))
    orders = [desk.order()]
    desk.decide((RIDER, orders))
    trip_id = desk.state.riders[RIDER].trip_id
    assert trip_id is not None
    desk.wait(31 * SECOND_MS)
    assert isinstance(desk.refuses(AcceptOffer(RIDER, trip_id)), ConflictError)


def test_no_pickup_after_the_end_of_the_shift_when_the_kitchen_is_late() -> None:
    desk, orders, offer = offered(params=DispatchParams(rescue=RescueParams(most_returns=0)))
    ends_at_ms = desk.state.riders[RIDER].shift_ends_at_ms
    desk.say(ConfirmOrder(orders[0], ends_at_ms + 1))
    assert isinstance(desk.refuses(AcceptOffer(RIDER, offer.trip_id)), ConflictError)
    desk.say(MarkOrderReady(orders[0]))
    assert desk.refuses(AcceptOffer(RIDER, offer.trip_id)) is None


def test_what_has_gone_stale_is_dropped_and_named() -> None:
    desk = Desk()
    desk.rider(RIDER)
    desk.rider(OTHER)
    desk.rider("rider-3")
    desk.rider("rider-4")
    desk.wait(1)
    gone, a, b, late = [desk.order() for _ in range(4)]
    due = desk.room.next_due_ms()
    assert due is not None
    desk.wait_until(due)
    desk.say(CancelOrder(gone))
    desk.say(EndShift(OTHER))
    desk.say(ConfirmOrder(late, desk.state.riders[RIDER].shift_ends_at_ms + 1))
    plan = desk.plan((RIDER, [gone]), (OTHER, [a]), ("rider-3", [b]), ("rider-4", [late]))
    assert stale(desk.say(ApplyPlan(plan))) == (gone, a, late)
    assert list(desk.state.waiting) == [a, late]
    check(desk.state)


def test_a_plan_is_answered_once() -> None:
    desk = Desk()
    desk.rider(RIDER)
    desk.order()
    assert isinstance(desk.refuses(ApplyPlan(desk.plan())), ConflictError)
    desk.wait(desk.params.epoch_ms)
    plan = desk.plan()
    desk.say(ApplyPlan(plan))
    assert isinstance(desk.refuses(ApplyPlan(plan)), ConflictError)


def test_a_plan_that_never_comes_is_replaced_and_the_next_epoch_asks_again() -> None:
    desk = Desk(params=DispatchParams(epoch_ms=15_000, solve_timeout_ms=20_000))
    desk.order()
    desk.wait(60_000)
    asked = [r.at_ms for r in desk.log.records if isinstance(r.message, DecisionRequested)]
    assert [at - asked[0] for at in asked] == [0, 30_000, 60_000]
    given_up = [(r.at_ms, r.message) for r in desk.log.records if isinstance(r.message, PlanRefused)]
    assert [at - asked[0] for at, _ in given_up] == [20_000, 50_000]
    assert [event.reason for _, event in given_up] == ["overdue", "overdue"]
    assert desk.plan().decision_id == "decision-3"


def test_the_shift_of_a_rider() -> None:
    desk = Desk()
    in_the_past = StartShift(RIDER, Point(0, 0), desk.now_ms)
    assert isinstance(desk.refuses(in_the_past), InvalidValueError)
    outside = StartShift(RIDER, Point(1e9, 0), desk.now_ms + 1)
    assert isinstance(desk.refuses(outside), InvalidValueError)
    desk.rider(RIDER)
    again = StartShift(RIDER, Point(77.0, 7.0), desk.now_ms + 1)
    assert isinstance(desk.refuses(again), WrongStateError)
    desk.say(EndShift(RIDER))
    assert isinstance(desk.refuses(EndShift(RIDER)), ConflictError)


@pytest.mark.parametrize("state", [OrderState.OFFERED, OrderState.PLACED])
def test_an_order_goes_back_and_forth(state: OrderState) -> None:
    desk, orders, offer = offered()
    if state is OrderState.PLACED:
        desk.say(DeclineOffer(RIDER, offer.trip_id))
    assert desk.state.orders[orders[0]].state is state
