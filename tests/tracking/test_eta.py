"""Arrival estimates: the sum of legs, their spread, and when they are told."""

from dataclasses import replace

import pytest

from domain.commands import RecordFixes
from domain.events import (
    EtaChanged,
    OrderDelivered,
    OrderPickedUp,
    OrderReady,
    RiderArrivedAtDoor,
    RiderArrivedAtMerchant,
    TripEnded,
    TripRevised,
)
from domain.plans import ServiceTimes
from domain.units import MINUTE_MS, SECOND_MS
from tests.tracking.town import (
    BLOCK_MS,
    START_MS,
    TOWN,
    NoStreets,
    Player,
    assigned,
    fix,
    leg,
    placed,
    shift,
    shift_end,
    stops_of,
)
from tracking.engine import TrackingEngine
from tracking.params import EtaParams, TrackingParams

ETA = EtaParams()
TIMES = ServiceTimes()
AROUND_STOPS_MS = TIMES.pickup_before_ms + TIMES.pickup_after_ms + TIMES.dropoff_before_ms


def eta(player: Player, order_id: str = "o-1") -> int:
    return player.engine.state.orders[order_id].eta_at_ms - START_MS


def under_way(doors: dict[str, int] | None = None, ready_in_ms: int = 0) -> Player:
    player = Player()
    player.play(shift(), START_MS)
    for order_id, door in (doors or {"o-1": 30}).items():
        player.play(placed(order_id, door=door, ready_in_ms=ready_in_ms), START_MS)
        player.play(OrderReady(order_id), START_MS) if not ready_in_ms else None
    player.play(assigned(doors or {"o-1": 30}, START_MS), START_MS)
    return player


def with_riders() -> Player:
    """A town with an idle rider."""
    player = Player()
    player.play(shift("r-9"), START_MS)
    return player


def told(player: Player) -> list[EtaChanged]:
    return [event for _, event in player.of(EtaChanged) if isinstance(event, EtaChanged)]


def test_without_a_rider_it_is_the_sum_of_the_usual_legs() -> None:
    player = with_riders()
    player.play(placed(ready_in_ms=0), START_MS)
    player.play(OrderReady("o-1"), START_MS)
    assert eta(player) == ETA.assignment_ms + ETA.to_merchant_ms + AROUND_STOPS_MS + 20 * BLOCK_MS


def test_a_slow_kitchen_decides_the_pickup() -> None:
    player = with_riders()
    player.play(placed(ready_in_ms=40 * MINUTE_MS, promise_in_ms=90 * MINUTE_MS), START_MS)
    rest_ms = TIMES.pickup_after_ms + 20 * BLOCK_MS + TIMES.dropoff_before_ms
    assert eta(player) == 40 * MINUTE_MS + rest_ms
    order = player.engine.state.orders["o-1"]
    assert order.slowest == "kitchen"
    kitchen_ms, drive_ms = ETA.kitchen_cv * 40 * MINUTE_MS, ETA.drive_cv * 20 * BLOCK_MS
    assert order.spread_ms == round((kitchen_ms**2 + drive_ms**2 + ETA.handover_ms**2) ** 0.5)


def test_food_past_its_estimate_takes_a_little_longer() -> None:
    player = Player()
    player.play(placed(ready_in_ms=0), START_MS)
    player.play(assigned({"o-1": 30}, START_MS), START_MS)
    at_ms = START_MS + 160_000
    player.play(RiderArrivedAtMerchant("r-1", "t-1", "m-1", ("o-1",)), at_ms)
    rest_ms = TIMES.pickup_after_ms + 20 * BLOCK_MS + TIMES.dropoff_before_ms
    assert eta(player) == 160_000 + ETA.overdue_ms + rest_ms


def test_on_a_trip_it_follows_the_plan() -> None:
    player = under_way()
    assert eta(player) == 30 * BLOCK_MS + AROUND_STOPS_MS


def test_progress_along_the_path_moves_the_estimate() -> None:
    player = under_way()
    # Half way to the merchant after 20 s instead of 50 s.
    at_ms = START_MS + 20 * SECOND_MS
    player.play(RecordFixes((fix("r-1", at_ms - 10_000, 250.0), fix("r-1", at_ms, 500.0))), at_ms)
    player.advance(START_MS + MINUTE_MS)
    assert eta(player) == 30 * BLOCK_MS + AROUND_STOPS_MS - 30 * SECOND_MS


def test_a_rider_who_stands_still_makes_the_estimate_slip() -> None:
    player = under_way()
    for second in range(5, 200, 5):
        at_ms = START_MS + second * SECOND_MS
        player.play(RecordFixes((fix("r-1", at_ms, 200.0),)), at_ms)
    # 800 m to the merchant are still ahead, as of the latest fix.
    player.advance(START_MS + 200 * SECOND_MS)
    due_ms = 30 * BLOCK_MS + AROUND_STOPS_MS
    assert eta(player) - due_ms == pytest.approx(195_000 - 20_000, abs=20_000)


def test_at_each_stop_the_estimate_shrinks_to_what_is_left() -> None:
    player = under_way()
    player.play(RiderArrivedAtMerchant("r-1", "t-1", "m-1", ("o-1",)), START_MS + 200_000)
    assert eta(player) == 200_000 + AROUND_STOPS_MS + 20 * BLOCK_MS
    player.play(OrderPickedUp("o-1", "r-1", "t-1"), START_MS + 220_000)
    assert eta(player) == 220_000 + TIMES.pickup_after_ms + 20 * BLOCK_MS + TIMES.dropoff_before_ms
    player.play(RiderArrivedAtDoor("o-1", "r-1", "t-1"), START_MS + 400_000)
    assert eta(player) == 400_000 + TIMES.dropoff_before_ms
    assert player.engine.state.orders["o-1"].spread_ms == ETA.handover_ms


def test_the_second_order_of_a_trip_waits_for_the_first() -> None:
    player = under_way({"o-1": 20, "o-2": 30})
    first_ms = 20 * BLOCK_MS + AROUND_STOPS_MS
    second_ms = first_ms + TIMES.dropoff_after_ms + 10 * BLOCK_MS + TIMES.dropoff_before_ms
    assert (eta(player, "o-1"), eta(player, "o-2")) == (first_ms, second_ms)
    # The rider goes to the second door first.
    player.play(OrderPickedUp("o-1", "r-1", "t-1"), START_MS + 160_000)
    player.play(OrderPickedUp("o-2", "r-1", "t-1"), START_MS + 160_000)
    player.play(RiderArrivedAtDoor("o-2", "r-1", "t-1"), START_MS + 400_000)
    assert eta(player, "o-2") == 400_000 + TIMES.dropoff_before_ms
    player.play(OrderDelivered("o-2", "r-1", "t-1"), START_MS + 460_000)
    assert list(player.engine.state.orders) == ["o-1"]
    assert player.engine.state.trips["t-1"].stops[0].order_ids == ("o-1",)


def test_a_revised_trip_keeps_the_progress_of_the_drive_under_way() -> None:
    player = under_way({"o-1": 20, "o-2": 30})
    player.play(RecordFixes((fix("r-1", START_MS + 40_000, 400.0),)), START_MS + 40_000)
    player.advance(START_MS + 50_000)
    stops = stops_of({"o-2": 30}, START_MS)
    player.play(TripRevised("t-1", "r-1", ("o-2",), stops), START_MS + 50_000)
    state = player.engine.state
    assert state.trips["t-1"].progress_m == 400.0
    assert (state.orders["o-1"].trip_id, state.orders["o-2"].trip_id) == (None, "t-1")
    assert eta(player, "o-2") == 30 * BLOCK_MS + AROUND_STOPS_MS


def test_a_new_drive_is_searched_for_from_anywhere_on_it() -> None:
    player = under_way()
    player.play(OrderPickedUp("o-1", "r-1", "t-1"), START_MS + 100_000)
    stop = player.engine.state.trips["t-1"].stops[0]
    longer = replace(stop, leg=leg(0, 30), arrives_at_ms=START_MS + 400_000)
    player.play(TripRevised("t-1", "r-1", ("o-1",), (longer,)), START_MS + 110_000)
    player.play(RecordFixes((fix("r-1", START_MS + 120_000, 1_900.0),)), START_MS + 120_000)
    player.advance(START_MS + 130_000)
    assert player.engine.state.trips["t-1"].progress_m == 1_900.0


def test_a_rider_lost_off_the_path_is_found_again_farther_on() -> None:
    player = under_way()
    player.play(OrderPickedUp("o-1", "r-1", "t-1"), START_MS)
    for second, x, y in (
        (40, 1_400.0, 0.0),
        (60, 1_600.0, 400.0),
        (80, 1_900.0, 400.0),
        (100, 2_300.0, 400.0),
    ):
        at_ms = START_MS + second * SECOND_MS
        player.play(RecordFixes((fix("r-1", at_ms, x, y),)), at_ms)
    player.advance(START_MS + 110 * SECOND_MS)
    trip = player.engine.state.trips["t-1"]
    assert (trip.progress_m, trip.misses) == (400.0, 3)
    player.play(RecordFixes((fix("r-1", START_MS + 120_000, 2_600.0),)), START_MS + 120_000)
    player.advance(START_MS + 130 * SECOND_MS)
    assert (trip.progress_m, trip.misses) == (1_600.0, 0)


def test_vague_fixes_do_not_move_progress() -> None:
    player = under_way()
    vague = fix("r-1", START_MS + 20_000, 500.0, accuracy_m=300.0)
    player.play(RecordFixes((vague,)), START_MS + 20_000)
    player.advance(START_MS + 30_000)
    assert player.engine.state.trips["t-1"].progress_m == 0.0
    assert player.engine.state.riders["r-1"].fixed_at_ms == vague.fixed_at_ms


def test_a_queued_trip_departs_when_the_one_before_has_ended() -> None:
    player = under_way()
    player.play(placed("o-2", door=40, ready_in_ms=1), START_MS)
    player.play(OrderReady("o-2"), START_MS)
    player.play(assigned({"o-2": 40}, START_MS, trip_id="t-2"), START_MS)
    player.play(OrderDelivered("o-1", "r-1", "t-1"), START_MS + 300_000)
    player.play(TripEnded("t-1", "r-1", 30, START_MS + 330_000), START_MS + 300_000)
    assert eta(player, "o-2") == 330_000 + 40 * BLOCK_MS + AROUND_STOPS_MS
    assert list(player.engine.state.trips) == ["t-2"]


def test_it_is_told_when_it_moves_by_a_minute_or_its_risk_changes() -> None:
    player = Player()
    player.play(placed(promise_in_ms=60 * MINUTE_MS, ready_in_ms=0), START_MS)
    player.advance(START_MS + 10 * MINUTE_MS)
    # Nobody comes, so it slips by a minute with each refresh.
    assert len(told(player)) == pytest.approx(10, abs=1)
    first = told(player)[0]
    half_ms = round(ETA.window_sd * player.engine.state.orders["o-1"].spread_ms)
    assert first.earliest_at_ms <= first.eta_at_ms <= first.latest_at_ms
    assert first.latest_at_ms - first.eta_at_ms == pytest.approx(half_ms, rel=0.3)


def test_without_a_rider_it_is_made_anew_each_minute_and_more_often_when_it_may_be_late() -> None:
    player = with_riders()
    player.play(placed(promise_in_ms=20 * MINUTE_MS, ready_in_ms=0), START_MS)
    order = player.engine.state.orders["o-1"]
    player.advance(START_MS + 55_000)
    assert order.refreshed_at_ms == START_MS
    player.advance(START_MS + 61_000)
    assert order.refreshed_at_ms > START_MS
    late_ms = START_MS + 10 * MINUTE_MS + 5_000
    player.advance(late_ms)
    assert late_ms - order.refreshed_at_ms <= ETA.refresh_ms


def test_probability_is_a_half_at_the_promise_and_one_after_it() -> None:
    player = under_way()
    due_ms = eta(player)
    order = player.engine.state.orders["o-1"]
    order.promised_at_ms = START_MS + due_ms
    player.advance(START_MS + 15_000)
    assert order.late_probability == pytest.approx(0.5, abs=0.01)
    order.promised_at_ms = START_MS + 15_000
    player.advance(START_MS + 30_000)
    assert order.late_probability == 1.0


def test_once_the_promise_has_passed_and_not_before_it_is_told_to_be_late_for_sure() -> None:
    player = Player()
    # Hopeless from the start, so that no other bound is crossed on the way.
    player.play(placed(promise_in_ms=MINUTE_MS, ready_in_ms=200 * MINUTE_MS), START_MS)
    player.advance(START_MS + MINUTE_MS)
    assert [event.late_probability for event in told(player)] == [0.999]
    player.advance(START_MS + MINUTE_MS + 1)
    assert [event.late_probability for event in told(player)] == [0.999, 1.0]


def test_the_fewer_riders_the_later_and_the_less_certain() -> None:
    player = Player()
    player.play(shift(), START_MS)
    player.play(placed("o-1", ready_in_ms=0), START_MS)
    idle = told(player)[-1]
    player.play(assigned({"o-1": 30}, START_MS), START_MS)
    player.play(placed("o-2", ready_in_ms=0), START_MS)
    busy = told(player)[-1]
    player.play(shift_end(), START_MS)
    player.play(placed("o-3", ready_in_ms=0), START_MS)
    nobody = told(player)[-1]
    assert idle.eta_at_ms < busy.eta_at_ms < nobody.eta_at_ms
    widths_ms = [event.latest_at_ms - event.earliest_at_ms for event in (idle, busy, nobody)]
    assert widths_ms == sorted(widths_ms)
    assert idle.late_probability <= busy.late_probability < 0.1
    assert nobody.late_probability > 0.6


def test_a_slow_kitchen_makes_nobody_appear() -> None:
    player = Player()
    player.play(placed(ready_in_ms=20 * MINUTE_MS, promise_in_ms=40 * MINUTE_MS), START_MS)
    [first] = told(player)
    assert first.late_probability > 0.4
    assert first.latest_at_ms - first.eta_at_ms > 20 * MINUTE_MS


def test_a_rider_who_comes_on_duty_brings_the_estimate_back() -> None:
    player = Player()
    player.play(placed(ready_in_ms=0), START_MS)
    before_ms = eta(player)
    player.play(shift(), START_MS + 1_000)
    player.advance(START_MS + MINUTE_MS)
    assert before_ms - eta(player) > 20 * MINUTE_MS


def test_the_window_does_not_begin_before_the_food_could_be_at_the_door() -> None:
    player = Player()
    player.play(placed(ready_in_ms=28 * MINUTE_MS), START_MS)
    player.play(shift(), START_MS)
    player.play(assigned({"o-1": 30}, START_MS), START_MS)
    for event in told(player):
        assert START_MS + 28 * MINUTE_MS + 20 * BLOCK_MS * 0.7 < event.earliest_at_ms <= event.eta_at_ms


def test_without_streets_the_straight_distance_is_driven() -> None:
    engine = TrackingEngine(TOWN, NoStreets(), TIMES, TrackingParams())
    player = Player(engine)
    player.play(shift(), START_MS)
    player.play(placed(ready_in_ms=0), START_MS)
    assert engine.state.orders["o-1"].direct_ms == 2_000 / ETA.straight_mps * SECOND_MS
    stops = tuple(
        replace(stop, leg=replace(stop.leg, path=(), passed_ms=()))
        for stop in stops_of({"o-1": 30}, START_MS)
    )
    player.play(replace(assigned({"o-1": 30}, START_MS), stops=stops), START_MS)
    player.play(RecordFixes((fix("r-1", START_MS + 10_000, 500.0),)), START_MS + 10_000)
    player.advance(START_MS + 14_000)
    assert engine.state.trips["t-1"].driven_ms == 50_000
