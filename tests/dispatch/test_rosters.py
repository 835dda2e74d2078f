"""Announced shifts: decisions count on riders who come soon, and on nobody who does not come."""

import numpy as np
import pytest

from dispatch.batching import take_snapshot
from dispatch.matching.rolling_params import RollingParams
from dispatch.snapshot import Snapshot
from domain.commands import AnnounceShift, EndShift
from domain.errors import InvalidValueError
from domain.events import ShiftAnnounced, TripAssigned
from domain.geo import Point
from domain.units import HOUR_MS, MINUTE_MS, Millis
from tests.dispatch.desk import ASSIGNING, START_MS, Desk


def announce(desk: Desk, rider_id: str, in_ms: Millis, x: float = 0.0) -> None:
    starts_ms = desk.now_ms + in_ms
    desk.say(AnnounceShift(rider_id, Point(x, 0.0), starts_ms, starts_ms + 4 * HOUR_MS))


def seen(desk: Desk) -> Snapshot:
    due = desk.room.next_due_ms()
    assert due is not None
    desk.wait_until(max(due, desk.now_ms))
    snapshot = desk.engine.pending_decision(desk.now_ms)
    assert snapshot is not None
    return snapshot


def test_who_comes_soon_is_seen_as_at_the_start_of_the_shift() -> None:
    desk = Desk()
    announce(desk, "late", 3 * HOUR_MS)
    announce(desk, "soon", 20 * MINUTE_MS, x=500.0)
    desk.order()
    (view,) = seen(desk).coming
    assert (view.rider_id, view.is_free) == ("soon", False)
    assert view.free_at_ms == view.shift_started_at_ms == START_MS + 20 * MINUTE_MS
    assert seen(desk).riders == ()


def test_who_came_or_did_not_come_is_counted_on_no_more() -> None:
    desk = Desk()
    announce(desk, "came", 10 * MINUTE_MS)
    announce(desk, "absent", 10 * MINUTE_MS)
    desk.wait(14 * MINUTE_MS)
    desk.rider("came")
    desk.order()
    assert [rider.rider_id for rider in seen(desk).coming] == ["absent"]
    desk.wait(2 * MINUTE_MS)
    snapshot = seen(desk)
    assert [rider.rider_id for rider in snapshot.riders] == ["came"]
    assert snapshot.coming == ()


def test_a_later_announcement_replaces_the_first_and_is_kept_over_a_restart() -> None:
    desk = Desk()
    announce(desk, "r", 10 * MINUTE_MS)
    announce(desk, "r", 30 * MINUTE_MS)
    desk.reopen()
    desk.order()
    (view,) = seen(desk).coming
    assert view.free_at_ms == START_MS + 30 * MINUTE_MS


def test_an_impossible_shift_is_refused() -> None:
    desk = Desk()
    backwards = AnnounceShift("r", Point(0.0, 0.0), START_MS + HOUR_MS, START_MS + MINUTE_MS)
    over = AnnounceShift("r", Point(0.0, 0.0), START_MS - 2 * HOUR_MS, START_MS - HOUR_MS)
    for command in (backwards, over):
        error = desk.refuses(command)
        assert isinstance(error, InvalidValueError)
        assert error.field == "ends_at_ms"
    assert not any(isinstance(record.message, ShiftAnnounced) for record in desk.log.records)


def test_rolling_keeps_an_order_for_a_rider_who_comes_in_time() -> None:
    def trips(*, announced: bool) -> list[TripAssigned]:
        desk = Desk(rules=ASSIGNING, policy="rolling")
        desk.rider("far", x=9_000.0)
        if announced:
            announce(desk, "near", 5 * MINUTE_MS)
        desk.order(ready_in_ms=25 * MINUTE_MS)
        desk.wait(5 * MINUTE_MS)
        desk.rider("near")
        desk.wait(25 * MINUTE_MS)
        return [r.message for r in desk.log.records if isinstance(r.message, TripAssigned)]

    assert [trip.rider_id for trip in trips(announced=True)] == ["near"]


def test_effort_and_costs_follow_pressure() -> None:
    params = RollingParams()
    assert params.in_force(orders=20, riders=100, recent=50).iterations == 0
    assert params.in_force(orders=5, riders=20, recent=10).iterations == params.iterations
    pressed = params.in_force(orders=60, riders=100, recent=80)
    assert params.iterations // 2 <= pressed.iterations < params.iterations
    small = params.in_force(orders=20, riders=40, recent=40)
    assert params.futures == small.futures > pressed.futures >= 1
    overloaded = params.in_force(orders=30, riders=10, recent=40)
    assert overloaded.broken_promise_ms == params.overloaded_broken_promise_ms
    assert overloaded.late_pct < 100 < pressed.late_pct


@pytest.mark.parametrize("seed", range(8))
def test_who_comes_soon_is_kept_only_while_it_is_true(seed: int) -> None:
    desk, draw = Desk(), np.random.default_rng(seed)
    book = desk.engine._book
    on_duty: set[str] = set()
    seen_so_far = set()
    for _ in range(120):
        rider_id = f"r{draw.integers(6)}"
        match draw.integers(6):
            case 0 | 1:
                announce(desk, rider_id, int(draw.integers(120)) * MINUTE_MS)
            case 2 if rider_id not in on_duty:
                desk.rider(rider_id)
                on_duty.add(rider_id)
            case 3 if rider_id in on_duty:
                desk.say(EndShift(rider_id))
                on_duty.remove(rider_id)
        views = take_snapshot(book, "d", desk.now_ms).coming
        kept, book.coming = book.coming, None
        assert take_snapshot(book, "d", desk.now_ms).coming == views
        book.coming = kept
        seen_so_far.add(views)
        desk.wait(int(draw.integers(4)) * MINUTE_MS)
    assert len(seen_so_far) > 10
